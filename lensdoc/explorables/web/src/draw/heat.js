// What a heatmap shows of one layer of a record of activations: its neurons in the order of the rows, and codes for colours.
// lensdoc/explorables/heat.py finds the same.
import shared from "../../../shared.json" with {type: "json"};
import sizes from "../../../sizes.json" with {type: "json"};
import {digits, fixed, halfAt} from "../shared.js";
import {bytesOf, encodeHalves, even, exponentOf} from "./halves.js";

const {code: LARGEST, exponent: EXPONENT, least: LEAST, beyond: BEYOND, far: FAR} = sizes.heat;

/**
 * A layer; its rows are sorted by cluster, then by the token on which they are strongest, else by index.
 * @typedef {object} Heat
 * @property {number} layer
 * @property {number[]} neurons
 * @property {number[][]} rows
 * @property {[number, number][]} clusters number and size of each cluster from the top
 * @property {number} limit the absolute value at which colours end
 * @property {number} step what neighbouring values differ by at least, where the record has 8-bit codes; else 0
 */

/**
 * The layers of a record.
 * @param {any} record
 * @returns {Heat[]}
 */
export function heats(record) {
  return rowsOf(record).map((rows, index) => {
    /** @type {number[] | null} */
    const labels = record.clusters ? record.clusters[index] : null;
    const order = labels ? orderOf(rows, labels) : [...rows.keys()];
    const coded = record.encoding?.dtype === "int8";
    return {
      layer: record.layers[index],
      neurons: order.map((n) => record.neurons[n]),
      rows: order.map((n) => rows[n]),
      clusters: labels ? counts(labels) : [],
      limit: limitOf(rows),
      step: coded ? record.encoding.scale[index] / LARGEST : 0
    };
  });
}

/**
 * The values, layer by layer and neuron by neuron, whichever way they are kept.
 * @param {any} record
 * @returns {number[][][]}
 */
function rowsOf({values, encoding, layers, positions}) {
  if (values) return values;
  return layers.map((/** @type {number} */ _, /** @type {number} */ index) => {
    const data = encoding.data[index], scale = encoding.scale[index];
    const all = encoding.dtype === "int8"
      ? Array.from(new Int8Array(bytesOf(data).buffer), (code) => code / LARGEST * scale)
      : Array.from({length: bytesOf(data).length / 2}, (_, i) => halfAt(data, i) * scale);
    return Array.from({length: all.length / positions.length}, (_, n) => all.slice(n * positions.length, (n + 1) * positions.length));
  });
}

/**
 * Each row as codes of colours from -127 to 127 in two's complement; 0 for nothing but 0, so that a cell is blank only where a value is.
 * @param {Heat} heat
 */
export const codesOf = ({rows, limit}) => rows.map((row) => Uint8Array.from(row, (value) => {
  const code = limit ? even(value / limit * LARGEST) : 0;
  return Math.max(-LARGEST, Math.min(LARGEST, code || Math.sign(value))) & 0xff;
}));

/**
 * A power of two, and base64 of the values in its units as 16-bit numbers, row after row.
 * @param {Heat} heat
 */
export function halvesOf({rows}) {
  const largest = rows.reduce((most, row) => row.reduce((more, value) => Math.max(more, Math.abs(value)), most), 0);
  const unit = 2 ** Math.max((largest ? exponentOf(largest) : 0) - EXPONENT, LEAST);
  return {unit, values: encodeHalves(rows.flatMap((row) => row.map((value) => value / unit)))};
}

/**
 * Row and column of the values beyond the colours, the largest first.
 * @param {Heat} heat
 */
export function beyondOf({rows, limit}) {
  const found = rows.flatMap((row, n) => row.flatMap((value, p) => (Math.abs(value) > limit ? [[n, p]] : [])));
  return found.sort(([n, p], [m, q]) => Math.abs(rows[m][q]) - Math.abs(rows[n][p]));
}

/**
 * Decimals that tell 8-bit codes apart, three digits at most; null where numbers are not codes, or need an exponent.
 * @param {Heat} heat
 */
export function decimalsOf({step}) {
  const largest = step * LARGEST, {least, most} = shared.numbers.digits;
  if (largest < least || largest >= most) return null;
  return Math.max(0, Math.min(Math.ceil(-Math.log10(step)), 2 - Math.floor(Math.log10(largest))));
}

/**
 * A value of the layer in words: three digits, or as exact as a code.
 * @param {Heat} heat
 * @param {number} value
 */
export function written(heat, value) {
  const decimals = decimalsOf(heat);
  if (!value) return "0";
  return decimals === null ? digits(value) : fixed(value, decimals);
}

/**
 * Number and rows of each cluster.
 * @param {Heat} heat
 */
export function membersOf({clusters, rows}) {
  let first = 0;
  return clusters.map(([cluster, size]) => ({cluster, rows: rows.slice(first, (first += size))}));
}

/**
 * The largest absolute value, or where it is far away what all but a hundredth of those other than 0 reach.
 * @param {number[][]} rows
 */
function limitOf(rows) {
  const all = Float64Array.from(rows.flat().filter(Boolean), Math.abs).sort();
  if (!all.length) return 0;
  const usual = all[Math.ceil((1 - BEYOND) * all.length) - 1], largest = all[all.length - 1];
  return largest > FAR * usual ? usual : largest;
}

/**
 * @param {number[][]} rows
 * @param {number[]} labels
 */
function orderOf(rows, labels) {
  const peaks = rows.map((row) => row.indexOf(row.reduce((a, b) => Math.max(a, b))));
  return [...rows.keys()].sort((a, b) => labels[a] - labels[b] || peaks[a] - peaks[b]);
}

/**
 * @param {number[]} labels
 * @returns {[number, number][]}
 */
function counts(labels) {
  /** @type {Map<number, number>} */
  const found = new Map();
  for (const label of labels) found.set(label, (found.get(label) ?? 0) + 1);
  return [...found].sort(([a], [b]) => a - b);
}
