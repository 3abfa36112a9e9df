// The figure of kind `similarity`: a square matrix, layers down and across. lensdoc/explorables/similarity.py draws its first state alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {fixed} from "../shared.js";
import {element} from "./elements.js";
import {said} from "./formats.js";
import {gridElement, readout} from "./grids.js";
import {level} from "./tints.js";

const SAID = words.similarity;
/** Columns of many layers share the room that there is, as long as their numbers have some. */
const SQUARE = "table-layout: fixed; width: min(100%, 72em); min-width: calc(var(--ld-characters) * 0.45em)";

export const options = {};

/** @param {any} record */
export function draw(record) {
  const {layers, other, values} = record;
  const heads = (record.other_layers ?? layers).map((/** @type {number} */ layer) => element(
    "th", {scope: "col", "data-name": other ? said(SAID.otherLayer, {model: other.id, layer}) : said(SAID.layer, {layer}), "data-at": String(layer)}, String(layer)
  ));
  const rows = layers.map((/** @type {number} */ layer, /** @type {number} */ l) => [layer, values[l].map(cell)]);
  const grid = gridElement(heads, rows, said(SAID.caption, {measure: SAID[measureOf(record)]}), "other");
  if (layers.length > sizes.grid.deep) grid.firstElementChild?.setAttribute("style", `${grid.firstElementChild.getAttribute("style")}; ${SQUARE}`);
  return element("lens-similarity", {class: "ld-similarity", "data-search-exclude": ""}, grid, legend(), readout(summary(record), words.grid.hint));
}

/**
 * @param {any} record
 * @returns {"cka" | "svcca" | "pwcca"}
 */
const measureOf = (record) => record.measure;

/** @param {number} value */
const cell = (value) => element(
  "td", {"data-hue": "1", "data-level": String(level(Math.max(value, 0), 1)), "data-said": fixed(value, 3)}, fixed(100 * value, 0)
);

/** What the colours mean. */
function legend() {
  const swatches = [0, 0.25, 0.5, 0.75, 1].map((value) => element("span", {
    class: "ld-swatch", "data-hue": "1", "data-level": String(level(value, 1))
  }, fixed(100 * value, 0)));
  return element("p", {class: "ld-legend", "aria-hidden": "true"}, SAID.legend, ...swatches);
}

/** @param {any} record */
function summary(record) {
  const {other, model} = record, name = SAID[measureOf(record)];
  const across = other ? said(SAID.across, {model: model.id, other: other.id}) : "";
  return said(SAID.summary, {measure: name[0].toUpperCase() + name.slice(1), across, least: leastOf(record), left: leftOut(record)});
}

/**
 * Which layers that follow each other are least alike.
 * @param {any} record
 */
function leastOf({layers, facts: {least_neighbours: least, least_after: after}}) {
  if (typeof least !== "number" || !Number.isInteger(after)) return "";
  const following = layers.find((/** @type {number} */ layer) => layer > after) ?? after;
  return said(SAID.least, {after, following, value: fixed(100 * least, 0)});
}

/**
 * What was left out, and how states were scaled.
 * @param {any} record
 */
function leftOut({starts = [0], skip: count, scale, facts}) {
  const values = {count, texts: starts.length > 1 ? SAID.ofEach : "", scaled: scale === "unit" ? SAID.unit : SAID.whole, positions: facts.positions ?? SAID.some};
  if (!count) return said(SAID.none, values);
  return said(count === 1 ? SAID.one : SAID.many, values);
}
