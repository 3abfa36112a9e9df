import {max} from "d3-array";
import {scaleLinear} from "d3-scale";
import {select} from "d3-selection";
import {line} from "d3-shape";

/**
 * Height of a sparkline in its own units, as the page's first state has it.
 * @param {SVGSVGElement} chart
 */
const height = (chart) => chart.viewBox.baseVal.height;

/**
 * Draw each row's sparkline, scaled to its largest value, with a hidden cursor.
 * @param {SVGSVGElement[]} charts
 * @param {number[][]} rows
 */
export function drawSparklines(charts, rows) {
  charts.forEach((chart, index) => {
    const values = rows[index];
    const y = scaleLinear([0, max(values) || 1], [height(chart), 0]);
    const path = line((_, x) => x, (/** @type {number} */ value) => Math.floor(y(value) + 0.5));
    const svg = select(chart);
    svg.selectAll(".ld-area").data([values]).join("path").attr("class", "ld-area")
      .attr("d", (v) => `${path(v)}V${height(chart)}H0Z`);
    svg.selectAll(".ld-cursor").data([null]).join("path").attr("class", "ld-cursor");
  });
}

/**
 * Put the cursor of every sparkline at a token, or hide it.
 * @param {SVGSVGElement[]} charts
 * @param {number | null} position
 */
export function moveCursors(charts, position) {
  for (const chart of charts) {
    select(chart).select(".ld-cursor").attr("d", position === null ? null : `M${position},0V${height(chart)}`);
  }
}

/**
 * The token under a pointer.
 * @param {SVGSVGElement} chart
 * @param {PointerEvent} event
 * @param {number} count number of tokens
 */
export function tokenAt(chart, event, count) {
  const {left, right} = chart.getBoundingClientRect();
  return Math.round(scaleLinear([left, right], [0, count - 1]).clamp(true)(event.clientX));
}
