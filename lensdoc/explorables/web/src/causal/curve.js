import {asPinned, followStates, keepState, readout} from "../shared.js";

/** @typedef {{at: number[], said: string[], name: string}} Data of each point its place across in the chart and its words; the name of its state */

/**
 * A chart to be read point by point: a slider for keys and screen readers; the pointer previews, a click or tap keeps.
 * @param {HTMLElement} root
 * @param {Data} data
 * @param {AbortSignal} signal
 */
export function curveView(root, {at, said, name}, signal) {
  const frame = /** @type {HTMLElement} */ (root.querySelector(".ld-curve"));
  const chart = /** @type {SVGSVGElement} */ (frame.querySelector("svg"));
  const say = readout(/** @type {HTMLElement} */ (root.querySelector(".ld-live")), signal);
  const cursor = document.createElementNS("http://www.w3.org/2000/svg", "path");
  cursor.setAttribute("class", "ld-cursor");
  chart.append(cursor);
  /** @type {number | null} */
  let kept = null;
  /** @type {number | null} */
  let hovered = null;
  let asked = 0;

  /** In a frame: what leaves one of several charts comes to another in the same move, which asks where that one is. */
  function show() {
    asked ||= requestAnimationFrame(draw);
  }

  function draw() {
    asked = 0;
    const index = hovered ?? kept;
    if (index === null) cursor.removeAttribute("d");
    else cursor.setAttribute("d", `M${at[index]},30V200`);
    say(index === null ? "" : index === kept ? asPinned(said[index]) : said[index]);
  }

  /** @param {number | null} index */
  function keep(index) {
    kept = index === null ? null : Math.max(0, Math.min(at.length - 1, index));
    hovered = null;
    frame.ariaValueNow = String(kept ?? 0);
    frame.ariaValueText = said[kept ?? 0];
    keepState(root, kept === null ? null : {[name]: kept});
    show();
  }

  /** @param {MouseEvent} event */
  function under(event) {
    const {left, width} = chart.getBoundingClientRect();
    const x = ((event.clientX - left) / width) * chart.viewBox.baseVal.width;
    return at.reduce((best, place, i) => (Math.abs(place - x) < Math.abs(at[best] - x) ? i : best), 0);
  }

  Object.assign(frame, {role: "slider", tabIndex: 0, ariaLabel: "Points of the curve", ariaValueMin: "0", ariaValueMax: String(at.length - 1), ariaValueNow: "0", ariaValueText: said[0]});
  frame.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    const index = under(event);
    if (index !== hovered) {
      hovered = index;
      show();
    }
  }, {signal});
  frame.addEventListener("pointerleave", () => {
    hovered = null;
    show();
  }, {signal});
  frame.addEventListener("click", (event) => keep(under(event)), {signal});
  frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const from = kept ?? -1;
    /** @type {Record<string, number>} */
    const moves = {ArrowRight: from + 1, ArrowUp: from + 1, ArrowLeft: from - 1, ArrowDown: from - 1, Home: 0, End: at.length - 1, PageUp: from + 10, PageDown: from - 10};
    if (!(event.key in moves)) return;
    event.preventDefault();
    keep(moves[event.key]);
  }, {signal});
  followStates(root, {
    names: [name],
    put({[name]: index}, byLink) {
      if (!(index in at)) return false;
      if (byLink) frame.focus();
      keep(index);
    },
    rest: () => keep(null)
  }, signal);
  signal.addEventListener("abort", () => {
    keep(null);
    cancelAnimationFrame(asked);
    cursor.remove();
  });
}
