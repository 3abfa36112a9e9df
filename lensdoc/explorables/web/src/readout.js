const DELAY = 120;

/**
 * The line that says what the reader points at. It stands in for the summary while it has a text. After a moment of rest a text is written
 * in the next frame, which shows what it tells: a frame of its own would cost as much again, and so would a layout between two events of
 * one move. Of those that follow each other quickly the last one is spoken.
 * @param {HTMLElement} live
 * @param {AbortSignal} signal
 * @returns {(text: string) => void}
 */
export function readout(live, signal) {
  let timer = 0, frame = 0, latest = "", busy = false; // until the reader rests
  const line = /** @type {HTMLElement} */ (live.parentElement);
  live.setAttribute("role", "status");
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    line.style.minHeight = live.textContent = "";
  });

  /** @param {string} text */
  function write(text) {
    if (text === live.textContent) return;
    // While something is said the summary is hidden and keeps its room, so that no text lays out anything else. It is measured only
    // now, since on load that would force a layout.
    line.style.minHeight = text && (line.style.minHeight || `${line.offsetHeight}px`);
    live.textContent = text;
  }

  function begin() {
    frame = 0;
    if (latest) write(latest);
  }

  return (text) => {
    // No text is the summary, which is not to flash between two tokens; and what is left for the next one was no rest.
    if (text && !busy) frame ||= requestAnimationFrame(begin);
    latest = text;
    busy ||= Boolean(text);
    clearTimeout(timer);
    timer = setTimeout(() => {
      busy = false;
      write(text);
    }, DELAY);
  };
}
