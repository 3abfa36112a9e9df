// The start of a factorization from singular vectors, NNDSVD (Boutsidis & Gallopoulos 2008).
import {eigen} from "./eigen.js";

const SMALL = 1e-6;

/**
 * @param {Float64Array} sum
 * @param {number} weight
 * @param {Float64Array} values
 */
function add(sum, weight, values) {
  for (let i = 0; i < sum.length; i++) sum[i] += weight * values[i];
}

/**
 * The larger of the positive and the negative parts of each pair of singular vectors.
 * @param {Float64Array} matrix
 * @param {number} rows
 * @param {number} count
 * @returns {[Float64Array[], Float64Array[]]}
 */
export function nndsvd(matrix, rows, count) {
  const width = matrix.length / rows;
  const row = (/** @type {number} */ i) => matrix.subarray(i * width, (i + 1) * width);
  const gram = Array.from({length: rows}, () => new Float64Array(rows));
  for (let i = 0; i < rows; i++) for (let j = 0; j <= i; j++) gram[i][j] = gram[j][i] = dot(row(i), row(j));
  const pairs = eigen(gram).slice(0, count).map(({value, vector}, f) => {
    const size = Math.sqrt(Math.max(value, 0)), right = new Float64Array(width);
    vector.forEach((weight, i) => add(right, weight, row(i)));
    if (size) right.forEach((x, n) => (right[n] = x / size));
    const way = (/** @type {number} */ sign) => [vector, right].map((side) => side.map((x) => Math.max(sign * x, 0)));
    const [left, top] = f ? [way(1), way(-1)].sort((a, b) => length(b) - length(a))[0] : [vector.map(Math.abs), right.map(Math.abs)];
    const norms = [left, top].map((side) => Math.sqrt(dot(side, side)));
    const scale = Math.sqrt(size * norms[0] * norms[1]);
    return [left, top].map((side, i) => side.map((x) => {
      const scaled = norms[i] ? scale * x / norms[i] : 0;
      return scaled < SMALL ? 0 : scaled;
    }));
  });
  return [pairs.map(([left]) => left), pairs.map(([, right]) => right)];
}

/** @param {Float64Array[]} sides */
const length = ([left, right]) => Math.sqrt(dot(left, left) * dot(right, right));

/**
 * @param {Float64Array} a
 * @param {Float64Array} b
 * @param {number} [from] where of `b` it begins
 */
export function dot(a, b, from = 0) {
  const whole = a.length - a.length % 4;
  let p = 0, q = 0, r = 0, s = 0; // four sums at a time do not wait for each other
  for (let i = 0, at = from; i < whole; i += 4, at += 4) {
    p += a[i] * b[at];
    q += a[i + 1] * b[at + 1];
    r += a[i + 2] * b[at + 2];
    s += a[i + 3] * b[at + 3];
  }
  for (let i = whole; i < a.length; i++) p += a[i] * b[from + i];
  return p + q + (r + s);
}
