const DELAY = 120;

/**
 * A line of text that says what the figure shows; writes that follow each other quickly are spoken as one. Without a text it
 * goes back to what the page said at first.
 * @param {HTMLElement} element
 * @param {AbortSignal} signal
 * @returns {(text: string | null) => void}
 */
export function readout(element, signal) {
  let timer = 0;
  const first = [...element.childNodes];
  element.style.minHeight = `${element.offsetHeight}px`; // shorter texts move nothing below
  element.setAttribute("role", "status");
  signal.addEventListener("abort", () => clearTimeout(timer));
  return (text) => {
    clearTimeout(timer);
    timer = setTimeout(() => element.replaceChildren(...(text === null ? first : [text])), DELAY);
  };
}
