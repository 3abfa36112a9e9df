import {afterMove, asPinned, cursorIn, dismiss, followStates, keepState, readout} from "../shared.js";

/** From where to where the cursor goes, in units of the drawing. */
const TOP = 30, AXIS = 200;

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
  const {width, height} = chart.viewBox.baseVal;
  const cursor = cursorIn(frame, {insetInlineStart: "0", top: "0", width: "100%", maxWidth: getComputedStyle(chart).maxWidth, aspectRatio: `${width} / ${height}`,
    backgroundSize: `1px ${(100 * (AXIS - TOP)) / height}%`, backgroundPositionY: `${(100 * TOP) / (height - AXIS + TOP)}%`}, signal);
  /** @type {number | null} */
  let kept = null;
  /** @type {number | null} */
  let hovered = null;

  function draw() {
    const index = hovered ?? kept;
    cursor(index === null ? null : at[index] / width);
    say(index === null ? "" : index === kept ? asPinned(said[index]) : said[index]);
  }

  /** @param {number | null} index */
  function keep(index) {
    kept = index === null ? null : Math.max(0, Math.min(at.length - 1, index));
    hovered = null;
    frame.ariaValueNow = String(kept ?? 0);
    frame.ariaValueText = said[kept ?? 0];
    keepState(root, kept === null ? null : {[name]: kept});
    afterMove(draw);
  }

  /** @param {MouseEvent} event */
  function under(event) {
    const box = chart.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    return at.reduce((best, place, i) => (Math.abs(place - x) < Math.abs(at[best] - x) ? i : best), 0);
  }

  Object.assign(frame, {role: "slider", tabIndex: 0, ariaLabel: "Points of the curve", ariaValueMin: "0", ariaValueMax: String(at.length - 1), ariaValueNow: "0", ariaValueText: said[0]});
  frame.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    const index = under(event);
    if (index !== hovered) {
      hovered = index;
      afterMove(draw);
    }
  }, {signal});
  frame.addEventListener("pointerleave", () => {
    hovered = null;
    afterMove(draw);
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
    dismiss(draw);
  });
}
