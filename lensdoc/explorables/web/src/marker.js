/**
 * The frame around the cell that is pointed at. It is an element of its own, in a layer of its own: with another style at the cell itself
 * browsers would paint the whole table again.
 * @param {HTMLElement} table
 * @param {AbortSignal} signal
 * @returns {(cell: HTMLElement | null) => void} puts it around a cell, or hides it
 */
export function markerIn(table, signal) {
  const holder = /** @type {HTMLElement} */ (table.closest(".ld-frame") ?? table.parentElement);
  const marker = Object.assign(document.createElement("span"), {className: "ld-marker", hidden: true});
  marker.ariaHidden = "true";
  Object.assign(marker.style, {position: "absolute", top: 0, left: 0, pointerEvents: "none", outline: "3px solid var(--ld-focus)", outlineOffset: "-1px", willChange: "transform"});
  holder.append(marker);
  signal.addEventListener("abort", () => marker.remove());
  /** @type {HTMLElement | null} */
  let at = null;

  /** @param {HTMLElement | null} cell */
  function put(cell) {
    at = cell;
    marker.hidden = !cell;
    if (!cell) return;
    const {left, top, width, height} = cell.getBoundingClientRect(), from = holder.getBoundingClientRect();
    const x = left - from.left - holder.clientLeft + holder.scrollLeft, y = top - from.top - holder.clientTop + holder.scrollTop;
    Object.assign(marker.style, {width: `${width}px`, height: `${height}px`, transform: `translate(${x}px, ${y}px)`});
  }

  window.addEventListener("resize", () => at && put(at), {signal});
  return put;
}
