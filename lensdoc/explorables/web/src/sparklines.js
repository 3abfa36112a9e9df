import {range} from "d3-array";
import {select} from "d3-selection";
import {line} from "d3-shape";
import shared from "../../shared.json" with {type: "json"};
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
    const values = rows[index];
    const base = height(chart) / (signed ? 2 : 1);
    const limit = limits[index] || 1;
    /** @param {number} x */
    const y = (x) => Math.floor(base * (1 - Math.max(-1, Math.min(1, values[x] / limit))) + 0.5);
    const draw = line((/** @type {number} */ x) => x, y);
    /** @param {number[]} places a line of one place comes closed */
    const stretch = (places) => `${draw(places)?.replace("Z", "")}V${base}H${places[0]}Z`;
    const path = stretches(points(values), left).map(stretch).join("");
    const svg = select(chart.querySelector("g") ?? chart); // of a text from right to left all is mirrored
    // What the page shows already is left alone, since setting it would draw it again.
    svg.selectAll(".ld-area").data([path]).join("path")
      .filter(function(d) { return /** @type {Element} */ (this).getAttribute("d") !== d; })
      .attr("class", "ld-area").attr("d", (d) => d);
    svg.selectAll(".ld-cursor").data([null]).join("path").attr("class", "ld-cursor");
  });
}

/**
 * Which values a sparkline is drawn through.
 * @param {number[]} values
 */
function points(values) {
  const count = values.length;
  const wide = Math.ceil(count / shared.sparkline.points);
  if (wide === 1) return range(count);
  return [...new Set([0, ...range(0, count, wide).map((x) => peakAt(values, x, Math.min(x + wide, count))), count - 1])];
}

/**
 * Places that follow each other without one that was left out between them.
 * @param {number[]} places
 * @param {number[]} left ascending
 */
function stretches(places, left) {
  /** @type {number[][]} */
  const found = [[]];
  let gap = 0;
  for (const place of places) {
    for (; left[gap] < place; gap++) found.push([]);
    if (left[gap] !== place) found[found.length - 1].push(place);
  }
  return found.filter((one) => one.length);
}

/**
 * Where a value is largest in size, between two places; the first of several. There may be thousands, so it is a plain loop.
 * @param {number[]} values
 * @param {number} [from]
 * @param {number} [to]
 */
export function peakAt(values, from = 0, to = values.length) {
  let at = from;
  for (let i = from + 1; i < to; i++) if (Math.abs(values[i]) > Math.abs(values[at])) at = i;
  return at;
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
