import {afterMove, dismiss} from "./moves.js";

const DELAY = 120;

/** What empties lines that the reader has left; done with the next text of another one, since a frame of its own would cost as much again. @type {Set<() => void>} */
const left = new Set();

/**
 * The line that says what the reader points at. It stands in for the summary while it has a text. After a moment of rest a text is written
 * with what it tells, since a frame of its own would cost as much again. Of those that follow each other quickly the last one is spoken.
 * @param {HTMLElement} live
 * @param {AbortSignal} signal
 * @returns {(text: string) => void}
 */
export function readout(live, signal) {
  let timer = 0, latest = "", busy = false; // until the reader rests
  const line = /** @type {HTMLElement} */ (live.parentElement);
  live.setAttribute("role", "status");
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    left.delete(end);
    dismiss(begin);
    line.style.cssText = live.textContent = "";
  });

  /** @param {string} text */
  function write(text) {
    if (text === live.textContent) return;
    // While something is said the summary is hidden, and its room has a size of its own, so that no text lays out anything else. It is
    // measured only now, since on load that would force a layout.
    line.style.cssText = text && (line.style.cssText || `block-size: ${line.offsetHeight}px; contain: size layout; visibility: hidden`);
    live.textContent = text;
  }

  function begin() {
    if (!latest) return;
    write(latest);
    for (const empty of left) empty();
  }

  function end() {
    clearTimeout(timer);
    left.delete(end);
    busy = false;
    write(latest);
  }

  return (text) => {
    // No text is the summary, which is not to flash between two tokens; and what is left for the next one was no rest.
    if (text && !busy) afterMove(begin);
    latest = text;
    busy ||= Boolean(text);
    left[text ? "delete" : "add"](end);
    clearTimeout(timer);
    timer = setTimeout(end, DELAY);
  };
}
