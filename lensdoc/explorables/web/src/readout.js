import {afterMove, dismiss} from "./moves.js";

const DELAY = 120;
const KEPT = "--ld-kept";

/** How wide a line of text was when its height was kept. @type {WeakMap<Element, number>} */
const widths = new WeakMap();
/** @type {ResizeObserver | undefined} */
let lines;

/**
 * A line keeps the most room that its summary took at this width: when a shorter one follows, nothing below it moves. Letters of a font
 * that stands in for another are no measure.
 * @param {Element} summary
 * @param {AbortSignal} signal
 */
async function keepRoom(summary, signal) {
  await document.fonts?.ready;
  if (signal.aborted) return;
  lines ??= kept();
  lines.observe(summary);
}

function kept() {
  const observer = new ResizeObserver((entries) => {
    for (const {target, contentRect: {width, height}} of entries) {
      const {style} = /** @type {HTMLElement} */ (target.parentElement);
      const most = widths.get(target) === width ? parseFloat(style.getPropertyValue(KEPT)) : 0;
      widths.set(target, width);
      if (height > most) style.setProperty(KEPT, `${height}px`);
    }
  });
  // Fonts that are asked for later, as a figure comes near, were not waited for.
  document.fonts?.addEventListener("loadingdone", () => {
    for (const summary of document.querySelectorAll(`[style*="${KEPT}"] > .ld-summary`)) {
      widths.delete(summary);
      observer.unobserve(summary);
      observer.observe(summary);
    }
  });
  return observer;
}

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
  const summary = live.parentElement?.querySelector(".ld-summary");
  if (summary) void keepRoom(summary, signal);
  live.setAttribute("role", "status");
  signal.addEventListener("abort", () => {
    if (summary) lines?.unobserve(summary);
    clearTimeout(timer);
    left.delete(end);
    dismiss(begin);
    live.textContent = "";
  });

  function write() {
    if (latest !== live.textContent) live.textContent = latest;
  }

  function begin() {
    if (!latest) return;
    write();
    for (const empty of left) empty();
  }

  function end() {
    clearTimeout(timer);
    left.delete(end);
    busy = false;
    write();
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

/**
 * The text that is said while the reader points at nothing, and that is printed; marks and hints beside it stay.
 * @param {HTMLElement} root
 */
export const summaryIn = (root) => [...root.querySelector(".ld-summary")?.childNodes ?? []].find(({nodeType}) => nodeType === Node.TEXT_NODE);
