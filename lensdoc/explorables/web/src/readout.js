const DELAY = 120;

/**
 * A line of text that says what the figure shows; writes that follow each other quickly are spoken as one.
 * @param {HTMLElement} element
 * @param {AbortSignal} signal
 * @returns {(text: string) => void}
 */
export function readout(element, signal) {
  let timer = 0;
  element.setAttribute("role", "status");
  signal.addEventListener("abort", () => clearTimeout(timer));
  return (text) => {
    clearTimeout(timer);
    timer = setTimeout(() => (element.textContent = text), DELAY);
  };
}
