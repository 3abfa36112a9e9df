import {LINE} from "./crosshair.js";
import {forward} from "./words.js";

/** The same frame as an outline, with the offset that the style sheet gives to what has the focus. */
export const FRAME = "3px solid var(--ld-focus)";

/** How wide the frame is, and how far it reaches beyond its cell. */
const WIDTH = 3, BEYOND = 2;

/**
 * The frame around the cell that is pointed at: four lines, backgrounds of a box over the table, in a layer of its own. With another style
 * at the cell itself browsers would paint the whole table again, and as a frame moves they put all layers of the page together anew. The
 * box ends where the heads of rows begin, which stay in view over what scrolls below them.
 * @param {HTMLElement} table
 * @param {AbortSignal} signal
 * @returns {(cell: HTMLElement | null) => void} puts it around a cell, or hides it
 */
export function markerIn(table, signal) {
  const holder = /** @type {HTMLElement} */ (table.closest(".ld-frame") ?? table.parentElement);
  const marker = Object.assign(document.createElement("span"), {className: "ld-marker", hidden: true});
  marker.ariaHidden = "true";
  Object.assign(marker.style, {position: "absolute", pointerEvents: "none", willChange: "transform", forcedColorAdjust: "none", background: Array(4).fill(LINE).join()});
  Object.assign(table.style, {position: "relative", zIndex: 0}); // a stack of its own, or browsers paint it again as the frame moves
  holder.append(marker);
  signal.addEventListener("abort", () => {
    marker.remove();
    Object.assign(table.style, {position: "", zIndex: ""});
  });
  const forced = matchMedia("(forced-colors: active)");
  /** @type {HTMLElement | null} */
  let at = null;
  /** @type {number | undefined} */
  let ahead; // asked once: the answer needs the styles of the page

  /** @param {HTMLElement | null} cell */
  function put(cell) {
    at = cell;
    marker.hidden = !cell;
    if (!cell) return;
    const [whole, head, view, {left, top, right, bottom}] = [table, /** @type {Element} */ (cell.parentElement?.firstElementChild), holder, cell].map((each) => each.getBoundingClientRect());
    const edge = view.left + holder.clientLeft, back = (ahead ??= forward(table)) < 0;
    const from = back ? Math.min(whole.left, edge) : head.right, to = back ? head.left : Math.max(whole.right, edge + holder.clientWidth), above = whole.top - 1;
    const x = snapped(left) - snapped(from) - BEYOND, y = snapped(top) - snapped(above) - BEYOND;
    const wide = snapped(right) - snapped(left) + 2 * BEYOND, high = snapped(bottom) - snapped(top) + 2 * BEYOND;
    Object.assign(marker.style, {
      color: forced.matches ? "CanvasText" : "var(--ld-focus)",
      left: `${from - edge + holder.scrollLeft}px`,
      top: `${above - view.top - holder.clientTop + holder.scrollTop}px`,
      width: `${to - from}px`,
      height: `${whole.height + 2}px`,
      backgroundPosition: [[x, y], [x, y + high - WIDTH], [x, y], [x + wide - WIDTH, y]].map(pixels).join(),
      backgroundSize: [[wide, WIDTH], [wide, WIDTH], [WIDTH, high], [WIDTH, high]].map(pixels).join()
    });
  }

  const again = () => at && put(at);
  window.addEventListener("resize", again, {signal});
  holder.addEventListener("scroll", again, {signal});
  return put;
}

/** @param {number[]} lengths */
const pixels = (lengths) => lengths.map((length) => `${length}px`).join(" ");

/**
 * Where browsers put an edge: at a pixel of the screen.
 * @param {number} place
 */
const snapped = (place) => Math.round(place * devicePixelRatio) / devicePixelRatio;
