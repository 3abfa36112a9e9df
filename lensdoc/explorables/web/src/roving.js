import {hidden} from "./folds.js";

/**
 * Make items one stop of the Tab key, with a key handler for the moves inside (APG: roving tabindex). What is folded away is left out.
 * @param {HTMLElement[]} items
 * @param {AbortSignal} signal
 * @param {number} [first] the item that Tab reaches at first
 * @returns {(index: number) => void} moves the focus to an item
 */
export function roving(items, signal, first = 0) {
  let stop = shown(items, first, 1);
  /** There may be thousands, of which only two change. @param {number} index */
  const mark = (index) => {
    for (const [place, tab] of [[stop, -1], [index, 0]]) if (items[place]) items[place].tabIndex = tab;
    stop = index;
  };
  for (const item of items) item.tabIndex = -1;
  mark(stop);
  items.forEach((item, index) => item.addEventListener("focus", () => mark(index), {signal}));
  items[0]?.closest(".ld-tokens")?.addEventListener("click", () => items[stop] && hidden(items[stop]) && mark(shown(items, first, 1)), {signal});
  return (index) => items[shown(items, index, index < stop ? -1 : 1)]?.focus();
}

/**
 * The item at an index, or the next one in a direction that is not folded away, or else the next in the other.
 * @param {HTMLElement[]} items
 * @param {number} index
 * @param {number} step
 */
function shown(items, index, step) {
  const start = Math.max(0, Math.min(items.length - 1, index));
  for (const way of [step, -step]) {
    for (let i = start; items[i]; i += way) if (!hidden(items[i])) return i;
  }
  return start;
}
