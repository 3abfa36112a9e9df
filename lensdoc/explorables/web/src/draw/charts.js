// Charts of lines: their axes, labels that do not cover each other, and a band behind them. lensdoc/explorables/charts.py draws them alike.
import sizes from "../../../sizes.json" with {type: "json"};
import {digits} from "../shared.js";
import {element} from "./elements.js";
import {decimal} from "./formats.js";

/**
 * Words in a chart, in the colour of the line that they name.
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {string} anchor
 * @param {string} [hue]
 */
export function label(text, x, y, anchor, hue) {
  /** @type {import("./elements.js").Attributes} */
  const kind = hue ? {class: "ld-end", "data-hue": hue, style: "fill: oklch(var(--ld-line) var(--ld-h))"} : {class: "ld-tick"};
  return element("text", {...kind, x: decimal(x, 1), y: decimal(y, 1), "text-anchor": anchor}, text);
}

/**
 * The places of labels, moved down where they would cover each other, and up again where that leads below `lowest`.
 * @param {number[]} places
 * @param {number} least
 * @param {number} lowest
 */
export function apart(places, least, lowest) {
  const found = [...places], order = [...places.keys()].sort((a, b) => places[a] - places[b]);
  let last = -Infinity;
  for (const index of order) last = found[index] = Math.max(places[index], last + least);
  let below = lowest;
  for (const index of order.reverse()) {
    found[index] = Math.min(found[index], below);
    below = found[index] - least;
  }
  return found;
}

/** @typedef {{name: string, values: number[], dashes?: string | null, hue?: string}} Series a line, with what stands at its end */
/**
 * Lines over places from the first to the last, and the words at its axes.
 * @typedef {object} Chart
 * @property {number[]} places
 * @property {Series[]} series
 * @property {string} across
 * @property {string} down
 * @property {[number, string][]} ticks labels of the axis below: places and texts
 * @property {number[][]} [band] lowest and highest value at each place
 * @property {[number, number][]} [dots]
 */

/**
 * A chart as SVG, for eyes alone, and where its places stand across.
 * @param {Chart} chart
 */
export function drawChart(chart) {
  const {places, series, band = [], dots = []} = chart, {width, height, left, right, top, bottom} = sizes.chart;
  const every = [...series.map(({values}) => values), ...band].flat();
  const [least, most] = [Math.min(...every), Math.max(...every)];
  const levels = levelsOf(most > least ? least : least - 1, most > least ? most : most + 1), low = levels[0], high = levels[levels.length - 1];
  const first = places[0], last = places[places.length - 1];
  /** @param {number} place */
  const x = (place) => left + (place - first) * (width - left - right) / (last - first || 1);
  /** @param {number} value */
  const y = (value) => top + (height - top - bottom) * (high - value) / (high - low);
  /** @param {number[]} values */
  const line = (values) => values.map((value, i) => point(x(places[i]), y(value)));
  const range = band.length ? [element("path", {class: "ld-range", d: `M${[...line(band[1]), ...line(band[0]).reverse()].join("L")}Z`})] : [];
  const ends = apart(series.map(({values}) => y(values[values.length - 1])), sizes.chart.line, height - bottom);
  const lines = series.flatMap(({name, values, dashes = null, hue = "1"}, i) => [
    element("path", {class: "ld-series", "data-hue": hue, "stroke-dasharray": dashes, d: `M${line(values).join("L")}`}),
    label(name, width - right + 8, ends[i] + 4, "start", hue)
  ]);
  const marks = dots.map(([place, value]) => element("circle", {class: "ld-dot", "data-hue": "1", cx: decimal(x(place), 1), cy: decimal(y(value), 1), r: "4"}));
  const svg = element("svg", {class: "ld-chart", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true"}, ...axes(chart, x, y, levels), ...range, ...lines, ...marks);
  return {element: element("div", {class: "ld-curve"}, svg), at: places.map((place) => Number(decimal(x(place), 1)))};
}

/**
 * @param {number} x
 * @param {number} y
 */
const point = (x, y) => `${decimal(x, 1)},${decimal(y, 1)}`;

/**
 * @param {Chart} chart
 * @param {(place: number) => number} x
 * @param {(value: number) => number} y
 * @param {number[]} levels
 */
function axes({ticks, across, down}, x, y, levels) {
  const {width, height, left, right, top} = sizes.chart;
  const rules = levels.flatMap((value) => {
    const at = decimal(y(value), 1);
    const rule = element("line", {class: value ? "ld-rule" : "ld-zero", x1: String(left), x2: String(width - right), y1: at, y2: at});
    return [rule, label(digits(value), left - 6, y(value) + 4, "end")];
  });
  return [
    ...rules,
    ...ticks.map(([place, text]) => label(text, x(place), height - 22, "middle")),
    label(across, (left + width - right) / 2, height - 5, "middle"),
    label(down, 0, top - 16, "start")
  ];
}

/**
 * About five round numbers from one value to another.
 * @param {number} low
 * @param {number} high
 */
export function niceTicks(low, high) {
  const step = stepOf(low, high);
  return multiples(step, Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9));
}

/**
 * Such numbers, of which the first and the last are no nearer than the values, so that an axis ends with them.
 * @param {number} low
 * @param {number} high
 */
function levelsOf(low, high) {
  const step = stepOf(low, high);
  return multiples(step, Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9));
}

/**
 * @param {number} low
 * @param {number} high
 */
function stepOf(low, high) {
  const raw = (high - low) / sizes.chart.ticks, size = 10 ** Math.floor(Math.log10(raw));
  return size * (/** @type {number} */ ([1, 2, 5, 10].find((nice) => size * nice >= raw)));
}

/**
 * @param {number} step
 * @param {number} first
 * @param {number} last
 */
const multiples = (step, first, last) => Array.from({length: last - first + 1}, (_, n) => step * (first + n) + 0);
