// The figure of kind `similarity`: a square matrix, layers down and across. lensdoc/explorables/similarity.py draws its first state alike.
import words from "../../../words.json" with {type: "json"};
import {fixed} from "../shared.js";
import {element} from "./elements.js";
import {said} from "./formats.js";
import {gridElement, readout} from "./grids.js";
import {level} from "./tints.js";

const SAID = words.similarity;

export const options = {};

/** @param {any} record */
export function draw(record) {
  const {layers, other, values} = record;
  const heads = (record.other_layers ?? layers).map((/** @type {number} */ layer) => element(
    "th", {scope: "col", "data-name": other ? said(SAID.otherLayer, {model: other.id, layer}) : said(SAID.layer, {layer}), "data-at": String(layer)}, String(layer)
  ));
  const rows = layers.map((/** @type {number} */ layer, /** @type {number} */ l) => [layer, values[l].map(cell)]);
  const grid = gridElement(heads, rows, said(SAID.caption, {measure: SAID[measureOf(record)]}), "other");
  return element("lens-similarity", {class: "ld-similarity", "data-search-exclude": ""}, grid, readout(summary(record), words.grid.hint));
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
