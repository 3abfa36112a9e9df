import {bisectRight} from "d3-array";
import {halfAt} from "./halves.js";
import {digits, fixed} from "./numbers.js";

// Positions and values of a heatmap, computed without the page.

/**
 * A layer as the page has it: of neurons that follow each other only the first, of clusters from the top number, size and the lines
 * of the picture for a neuron; `values` in base64, 16 bits each, neuron after neuron, in multiples of `unit`; colours end at `limit`.
 * @typedef {{layer: number, count: number, neurons: number[], clusters: [number, number, number][], unit: number, values: string,
 *   limit: number, coded: boolean, decimals: number | null}} Layer
 */

/**
 * Its values in rows and columns; `firsts` has the first line of each row, and where the last ends; `wrap` is the number of neurons in
 * a row where one token alone is shown, else 0.
 * @typedef {{layer: Layer, wrap: number, columns: number, rows: number, firsts: number[]}} Grid
 */

/**
 * @param {Layer} layer
 * @param {number} wrap
 * @param {number} tokens
 * @returns {Grid}
 */
export function gridOf(layer, wrap, tokens) {
  const rows = wrap ? Math.ceil(layer.count / wrap) : layer.count;
  const tall = layer.clusters.flatMap(([, size, lines]) => Array(size).fill(lines));
  const firsts = [0];
  for (let row = 0; row < rows; row++) firsts.push(firsts[row] + (tall[row] ?? 1));
  return {layer, wrap, columns: wrap || tokens, rows, firsts};
}

/**
 * The column and row that is nearest; the last row of a wrapped heatmap may be a short one.
 * @param {Grid} grid
 * @param {number} x
 * @param {number} y
 */
export function nearest({layer, wrap, columns, rows}, x, y) {
  const row = Math.max(0, Math.min(rows - 1, y));
  const last = wrap ? Math.min(columns, layer.count - row * wrap) : columns;
  return {x: Math.max(0, Math.min(last - 1, x)), y: row};
}

/**
 * The column and row at a place of the picture, given as shares of its width and height.
 * @param {Grid} grid
 * @param {number} across
 * @param {number} down
 */
export function cellAt(grid, across, down) {
  const {columns, rows, firsts} = grid;
  return nearest(grid, Math.floor(across * columns), bisectRight(firsts, down * firsts[rows]) - 1);
}

/**
 * The row to which Page Up (-1) or Page Down (1) leads: the first one of a cluster, or the tenth from here.
 * @param {Grid} grid
 * @param {number} y
 * @param {number} step
 */
export function jump({layer}, y, step) {
  let first = 0;
  const firsts = layer.clusters.map(([, size]) => (first += size) - size);
  if (!firsts.length) return y + 10 * step;
  return (step > 0 ? firsts.find((row) => row > y) : firsts.filter((row) => row < y).at(-1)) ?? y;
}

/**
 * The neuron in a column and row.
 * @param {Grid} grid
 * @param {number} x
 * @param {number} y
 */
export function neuronAt({layer: {neurons}, wrap}, x, y) {
  const row = wrap ? y * wrap + x : y;
  return neurons[row] ?? neurons[0] + row;
}

/**
 * Where a neuron stands among those of its layer; -1 where it is none of them.
 * @param {Grid} grid
 * @param {number} neuron
 */
export function rowOf({layer: {neurons, count}}, neuron) {
  if (neurons.length > 1) return neurons.indexOf(neuron);
  const row = neuron - neurons[0];
  return row >= 0 && row < count ? row : -1;
}

/**
 * A value in words.
 * @param {Grid} grid
 * @param {{x: number, y: number}} place
 * @param {string[]} tokens in words
 * @param {boolean} pinned
 */
export function describe(grid, {x, y}, tokens, pinned) {
  const {layer, wrap, columns} = grid;
  const row = wrap ? y * wrap + x : y;
  let end = 0;
  const cluster = layer.clusters.find(([, size]) => row < (end += size));
  const value = layer.unit * halfAt(layer.values, wrap ? row : row * columns + x);
  const beyond = Math.abs(value) > layer.limit * (1 + 1e-3) ? ", beyond the colours" : ""; // the limit itself may be rounded up to 16 bits
  const name = `Layer ${layer.layer}, neuron ${neuronAt(grid, x, y)}${cluster ? ` (cluster ${cluster[0]})` : ""}${pinned ? ", pinned" : ""}`;
  return `${name}: ${number(value, layer)}${beyond} on ${tokens[wrap ? 0 : x]}.`;
}

/**
 * Three digits; where the record has codes, as many decimals as tell them apart.
 * @param {number} value
 * @param {Layer} layer
 */
function number(value, {coded, decimals}) {
  if (!value) return coded ? "about 0" : "0";
  return decimals === null ? digits(value) : fixed(value, decimals);
}
