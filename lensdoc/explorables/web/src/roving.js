/**
 * Make items one stop of the Tab key, with a key handler for the moves inside (APG: roving tabindex).
 * @param {HTMLElement[]} items
 * @param {AbortSignal} signal
 * @param {number} [first] the item that Tab reaches at first
 * @returns {(index: number) => void} moves the focus to an item
 */
export function roving(items, signal, first = 0) {
  /** @param {number} index */
  const mark = (index) => items.forEach((item, i) => (item.tabIndex = i === index ? 0 : -1));
  mark(first);
  items.forEach((item, index) => item.addEventListener("focus", () => mark(index), {signal}));
  return (index) => items[Math.max(0, Math.min(items.length - 1, index))].focus();
}
