import {select} from "d3-selection";
import {cursorIn} from "./cursor.js";
import {pathOf} from "./sparkline-path.js";
import {forward} from "./words.js";

/**
 * Height of a sparkline in its own units, as the page's first state has it.
 * @param {SVGSVGElement} chart
 */
const height = (chart) => chart.viewBox.baseVal.height;

/**
 * Draw each row's sparkline, clipped at its limit, around the middle where values are signed.
 * @param {SVGSVGElement[]} charts
 * @param {number[][]} rows
 * @param {number[]} limits
 * @param {boolean} signed
 * @param {number[]} [left] places where nothing was measured: the line has a gap
 */
export function drawSparklines(charts, rows, limits, signed, left = []) {
  charts.forEach((chart, index) => {
    const path = pathOf(rows[index], limits[index], height(chart) / (signed ? 2 : 1), left);
    const svg = select(chart.querySelector("g") ?? chart); // the group that mirrors the chart of a text from right to left
    // A path that is the same is not set, since that would paint it again.
    svg.selectAll(".ld-area").data([path]).join("path")
      .filter(function(d) { return /** @type {Element} */ (this).getAttribute("d") !== d; })
      .attr("class", "ld-area").attr("d", (d) => d);
  });
}

/**
 * Put the cursor of every sparkline that has one at a place.
 * @param {SVGSVGElement[]} charts
 * @param {number} place
 */
export function moveCursors(charts, place) {
  for (const chart of charts) {
    const cursor = chart.querySelector(".ld-cursor"), path = `M${place},0V${height(chart)}`;
    if (cursor?.getAttribute("d") !== path) cursor?.setAttribute("d", path);
  }
}

/**
 * One line over all sparklines, in place of a cursor in each: it moves without a layout, as that of each would need one.
 * @param {HTMLElement} bar what the rows stand in
 * @param {SVGSVGElement[]} charts
 * @param {number} count number of places
 * @param {AbortSignal} signal
 * @returns {(place: number | null) => void} puts it at a place, or hides it
 */
export function cursorOver(bar, charts, count, signal) {
  const put = cursorIn(bar, {
    insetBlock: "calc(-1 * var(--ld-overlap) * var(--ld-height) / var(--ld-count)) 0", // the first chart rises out of its row
    insetInline: "var(--ld-names) 0"
  }, signal);
  /** @type {number | undefined} */
  let ahead; // asked once: the answer needs the styles of the page
  return (place) => {
    if (place === null) return put(null);
    const share = count > 1 ? place / (count - 1) : 0;
    put((ahead ??= forward(charts[0])) < 0 ? 1 - share : share);
  };
}

/**
 * The place under a pointer.
 * @param {SVGSVGElement} chart
 * @param {MouseEvent} event
 * @param {number} count number of places
 */
export function placeAt(chart, event, count) {
  const {left, width} = chart.getBoundingClientRect();
  const share = (event.clientX - left) / width;
  return Math.max(0, Math.min(count - 1, Math.round((forward(chart) < 0 ? 1 - share : share) * (count - 1))));
}
