const DELAY = 120;

/**
 * The line that says what the reader points at. It stands in for the summary while it has a text. After a moment of rest a text is written
 * at once, in the frame that shows what it tells: a frame of its own would cost as much again. Of those that follow each other quickly the
 * last one is spoken.
 * @param {HTMLElement} live
 * @param {AbortSignal} signal
 * @returns {(text: string) => void}
 */
export function readout(live, signal) {
  let timer = 0, busy = false; // until the reader rests
  const frame = /** @type {HTMLElement} */ (live.parentElement);
  live.setAttribute("role", "status");
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    live.textContent = "";
  });

  /** @param {string} text */
  function write(text) {
    if (text === live.textContent) return;
    // The height is kept, so that shorter texts move nothing below; it is measured only now, since on load it would force a layout.
    if (!frame.style.minHeight && frame.offsetHeight) frame.style.minHeight = `${frame.offsetHeight}px`;
    live.textContent = text;
  }

  return (text) => {
    // No text is the summary, which is not to flash between two tokens; and what is left for the next one was no rest.
    if (text && !busy) write(text);
    busy ||= Boolean(text);
    clearTimeout(timer);
    timer = setTimeout(() => {
      busy = false;
      write(text);
    }, DELAY);
  };
}
