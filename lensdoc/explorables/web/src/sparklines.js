import {select} from "d3-selection";
import {pathOf} from "./sparkline-path.js";
import {forward} from "./words.js";

/**
 * Height of a sparkline in its own units, as the page's first state has it.
 * @param {SVGSVGElement} chart
 */
const height = (chart) => chart.viewBox.baseVal.height;

/**
 * Draw each row's sparkline, clipped at its limit, around the middle where values are signed, with a hidden cursor.
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
    svg.selectAll(".ld-cursor").data([null]).join("path").attr("class", "ld-cursor");
  });
}

/**
 * Put the cursor of every sparkline at a place, or hide it.
 * @param {SVGSVGElement[]} charts
 * @param {number | null} place
 */
export function moveCursors(charts, place) {
  for (const chart of charts) {
    select(chart).select(".ld-cursor").attr("d", place === null ? null : `M${place},0V${height(chart)}`);
  }
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
