// Rows of sparklines over the tokens, one a factor. lensdoc/explorables/sparklines.py draws them alike.
import sizes from "../../../sizes.json" with {type: "json"};
import {pathOf} from "../shared.js";
import {element} from "./elements.js";
import {general} from "./formats.js";
import {hue} from "./tints.js";

/**
 * A sparkline to be drawn.
 * @typedef {object} Row
 * @property {number} number of the factor, from 1
 * @property {number[]} values
 * @property {number} limit what the full height stands for
 * @property {number[]} [clipped] where the line goes beyond it
 * @property {number[]} [left] where nothing was measured
 * @property {string} [mark] what stands beside its name
 */

/**
 * The sparklines above their axis, in the direction of the text; `marks` are paths that every one of them has.
 * @param {Row[]} rows
 * @param {{signed: boolean, ends: string[], marks: () => Element[], direction: string}} more
 */
export function sparklines(rows, {signed, ends, marks, direction}) {
  const axis = element("div", {class: "ld-axis", "aria-hidden": "true"}, ...ends.map((text) => element("span", null, text)));
  const drawn = rows.map((row) => rowElement(row, signed, marks(), direction === "rtl"));
  const marked = rows.some(({mark}) => mark) ? "" : null;
  return element("div", {class: "ld-sparklines", dir: direction, "data-marked": marked}, element("div", {class: "ld-rows"}, ...drawn), axis);
}

/**
 * A path of upright lines; nothing for no places.
 * @param {string} kind
 * @param {number[]} places
 */
export function upright(kind, places) {
  const d = places.map((place) => `M${general(place)},0V${sizes.sparklines.height}`).join("");
  return d ? [element("path", {class: kind, d})] : [];
}

/**
 * @param {Row} row
 * @param {boolean} signed
 * @param {Element[]} marks
 * @param {boolean} mirrored
 */
function rowElement({number, values, limit, clipped = [], left = [], mark = ""}, signed, marks, mirrored) {
  const height = sizes.sparklines.height, middle = Math.floor(height / 2), width = Math.max(values.length - 1, 1);
  const zero = signed ? [element("path", {class: "ld-zero", d: `M0,${middle}H${width}`})] : [];
  const drawn = [...marks, ...zero, element("path", {class: "ld-area", d: pathOf(values, limit, signed ? middle : height, left)})];
  const chart = element(
    "svg",
    {viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true"},
    ...(mirrored ? [element("g", {transform: `translate(${width} 0) scale(-1 1)`}, ...drawn)] : drawn)
  );
  const beyond = clipped.map((x) => element(
    "span", {class: "ld-beyond", style: `--ld-at: ${general(x / width, 4)}`, "aria-hidden": "true"}, values[x] > 0 ? "▲" : "▼"
  ));
  const name = element("span", {class: "ld-name"}, `F${number}`, ...(mark ? [element("span", {class: "ld-steady"}, mark)] : []));
  return element("div", {class: "ld-row", "data-factor": String(number), "data-hue": hue(number)}, name, chart, ...beyond);
}

/**
 * What the style sheet needs to know of the sparklines: numbers only. Few rows have room enough to stand apart; where peaks stand near
 * to each other lines are fine.
 * @param {number} count
 * @param {number} places
 * @param {{height?: number | null, overlap?: number | null}} options
 */
export function rowsStyle(count, places, {height, overlap}) {
  const {overlap: usual, few, dense, fine} = sizes.sparklines;
  const rises = overlap ?? (count > few ? usual : 0), stroke = places > dense ? `; --ld-stroke: ${general(fine)}` : "";
  return `--ld-height: ${general(height || 120 + Math.min(500, 20 * count))}px; --ld-overlap: ${general(rises)}; --ld-count: ${Math.max(count, 1)}${stroke}`;
}
