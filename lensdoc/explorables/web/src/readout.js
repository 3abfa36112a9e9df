const DELAY = 120;

/**
 * The line that says what the reader points at. It stands in for the summary while it has a text; writes that follow each other
 * quickly are spoken as one.
 * @param {HTMLElement} live
 * @param {AbortSignal} signal
 * @returns {(text: string) => void}
 */
export function readout(live, signal) {
  let timer = 0;
  const frame = /** @type {HTMLElement} */ (live.parentElement);
  live.setAttribute("role", "status");
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    live.textContent = "";
  });
  return (text) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // The height is kept, so that shorter texts move nothing below; it is measured only now, since on load it would force a layout.
      if (!frame.style.minHeight && frame.offsetHeight) frame.style.minHeight = `${frame.offsetHeight}px`;
      live.textContent = text;
    }, DELAY);
  };
}
