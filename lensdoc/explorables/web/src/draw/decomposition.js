// A factorization as a drawing: the table of activations, and the two tables of which it is nearly the product.
// lensdoc/explorables/decomposition.py draws it alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {element} from "./elements.js";
import {counted, general, said, wholePercent} from "./formats.js";
import {readAt} from "./scales.js";
import {added} from "./scores.js";
import {hue, level} from "./tints.js";

const SAID = words.decomposition;
const {cell: CELL, rows: ROWS, columns: COLUMNS, factors: FACTORS} = sizes.factors;

/**
 * Three tables side by side, each with its size, and with what a cell of it means.
 * @param {any} record
 */
export function decomposition(record) {
  const rows = Math.min(statesOf(record), ROWS), factors = Math.min(record.activations.length, FACTORS);
  const wide = Math.max(COLUMNS, record.layers.length);
  const [states, all, neurons] = [positions(record), counted(record.activations.length, "factor"), neuronsOf(record)];
  return element(
    "div",
    {class: "ld-decomposition"},
    part(SAID.activations, `${states} × ${neurons}`, cellOfActivations(record), neutral(record, rows, wide)),
    sign("≈"),
    part(SAID.factors, `${states} × ${all}`, SAID.ofFactors, activations(record, rows, factors)),
    sign("×"),
    part(SAID.loadings, `${all} × ${neurons}`, SAID.ofLoadings, loadings(record, factors, wide))
  );
}

/**
 * What the drawing shows beside the sizes that stand in it.
 * @param {any} record
 */
export function inWords(record) {
  const explained = record.method === "nmf" && record.explained ? said(SAID.explained, {share: wholePercent(added(record.explained))}) : "";
  const scaled = SAID.scaled[/** @type {"none"} */ (record.scale ?? "none")] + (record.method === "nmf" ? "" : SAID.mean);
  const left = record.skip ? said(record.skip === 1 ? SAID.leftOne : SAID.leftMany, {count: record.skip}) : "";
  return said(SAID.summary, {
    layers: layersOf(record),
    scaled,
    explained,
    tokens: counted(record.tokens.length, "token"),
    left
  });
}

/**
 * How many states were factored: a token that nobody read, and one that shares its state with another, count once.
 * @param {any} record
 */
function statesOf({tokens, starts, left_out: left}) {
  /** @param {number} p */
  const text = (p) => starts.filter((/** @type {number} */ start) => start <= p).length;
  return new Set([...tokens.keys()].filter((p) => !left.includes(p)).map((p) => `${text(p)} ${readAt(tokens, p)}`)).size;
}

/** @param {any} record */
const positions = (record) => counted(statesOf(record), "position");

/** @param {any} record */
function neuronsOf({facts, layers, model}) {
  /** @param {number} layer */
  const inLayer = (layer) => model.neurons ?? model.layer_neurons?.[layer] ?? 0;
  const told = Number.isInteger(facts.neurons) ? facts.neurons : layers.reduce((/** @type {number} */ sum, /** @type {number} */ layer) => sum + inLayer(layer), 0);
  return told ? counted(told, "neuron") : SAID.all;
}

/** @param {any} record */
function layersOf({layers}) {
  if (!layers.length) return "";
  return layers.length === 1 ? said(SAID.layer, {layer: layers[0]}) : said(SAID.layers, {count: layers.length});
}

/** @param {any} record */
function cellOfActivations({negative, layers}) {
  return said(SAID.ofActivations, {parts: negative === "split" ? SAID.parts : "", bands: layers.length > 1 ? said(SAID.bands, {count: layers.length}) : ""});
}

/**
 * @param {string} name
 * @param {string} size
 * @param {string} meaning
 * @param {Element} drawing
 */
function part(name, size, meaning, drawing) {
  const lines = [[name, "ld-what"], [size, "ld-size"], [meaning, "ld-meaning"]];
  return element("div", {class: "ld-matrix"}, drawing, ...lines.map(([text, kind]) => element("p", {class: kind}, text)));
}

/** @param {string} text */
const sign = (text) => element("span", {class: "ld-sign", "aria-hidden": "true"}, text);

/**
 * @param {number} columns
 * @param {number} rows
 * @param {Element[]} cells
 */
function svg(columns, rows, cells) {
  const [width, height] = [columns * CELL, rows * CELL].map(String);
  return element("svg", {viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true"}, ...cells);
}

/**
 * @param {number} column
 * @param {number} row
 * @param {number} shade
 * @param {string | null} colour
 * @param {number} [wide]
 */
const cell = (column, row, shade, colour, wide = 1) => element("rect", {
  class: "ld-cell",
  "data-hue": colour,
  "data-level": String(shade),
  x: general(column * CELL),
  y: general(row * CELL),
  width: general(wide * CELL),
  height: general(CELL)
});

/** @param {number} count */
const upTo = (count) => Array.from({length: count}, (_, i) => i);

/**
 * A table without values, since a record keeps none of single neurons: bands of layers, lines between positions.
 * @param {any} record
 * @param {number} rows
 * @param {number} columns
 */
function neutral({layers}, rows, columns) {
  const bands = Math.max(layers.length, 1), wide = columns / bands;
  return svg(columns, rows, upTo(bands).flatMap((band) => upTo(rows).map((row) => cell(band * wide, row, 3 + 3 * (band % 2), null, wide))));
}

/**
 * The record's own values, at positions spread over the text.
 * @param {any} record
 * @param {number} rows
 * @param {number} factors
 */
function activations({tokens, activations: all, left_out: left}, rows, factors) {
  const measured = [...tokens.keys()].filter((position) => !left.includes(position));
  const shown = upTo(rows).map((row) => measured[Math.floor(row * (measured.length - 1) / Math.max(rows - 1, 1))]);
  return svg(factors, rows, upTo(factors).flatMap((f) => {
    const largest = all[f].reduce((/** @type {number} */ most, /** @type {number} */ value) => Math.max(most, Math.abs(value)), 0);
    return shown.map((position, row) => cell(f, row, level(Math.abs(all[f][position]), largest), hue(f + 1)));
  }));
}

/**
 * @param {any} record
 * @param {number} factors
 * @param {number} columns
 */
function loadings({layers}, factors, columns) {
  const bands = Math.max(layers.length, 1), wide = columns / bands;
  return svg(columns, factors, upTo(factors).flatMap((f) => upTo(bands).map((b) => cell(b * wide, f, sizes.tints.levels / 2 + 2 * (b % 2), hue(f + 1), wide))));
}
