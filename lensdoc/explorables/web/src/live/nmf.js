// Non-negative matrix factorization as lensdoc has it from scikit-learn: coordinate descent (Cichocki & Phan 2009) from the better of the
// starts NNDSVD and NNDSVDa (Boutsidis & Gallopoulos 2008).
import {eigen} from "./eigen.js";

/** Iterations after which only the better start goes on. */
const TRIAL = 10;
const ITERATIONS = 400, TOLERANCE = 1e-3, SMALL = 1e-6;
/** Multiplications of one factorization, at most: a large text gets fewer iterations, and stays within seconds. */
const WORK = 3e9;
/** Errors that differ by less are alike, and the first start is kept. */
const ALIKE = 1.0001;

/**
 * @typedef {object} Factorization
 * @property {Float64Array[]} weights of each factor its activation in every row
 * @property {Float64Array[]} loadings of each factor, of length 1
 * @property {number[]} explained share of the matrix that each factor accounts for, largest first
 * @property {number} error |A - W H| / |A|
 */

/**
 * `matrix ~ weights' loadings`, both non-negative, least squares.
 * @param {Float64Array} matrix rows of equal length, one after the other, not below 0
 * @param {number} rows
 * @param {number} count factors, not more than rows
 * @returns {Factorization}
 */
export function nmf(matrix, rows, count) {
  const width = matrix.length / rows;
  const whole = matrix.reduce((sum, value) => sum + value * value, 0);
  const most = Math.max(20, Math.min(ITERATIONS, Math.floor(WORK / (4 * rows * width * count))));
  const start = nndsvd(matrix, rows, count);
  const mean = matrix.reduce((a, b) => a + b, 0) / matrix.length;
  const filled = start.map((parts) => parts.map((part) => part.map((value) => value || mean)));
  const trials = [start, filled].map(([w, h]) => descend(matrix, w, h, TRIAL));
  const [first, second] = trials.map(({w, h}) => errorOf(matrix, w, h, whole));
  const {w, h} = trials[first <= ALIKE * second ? 0 : 1];
  const fit = descend(matrix, w, h, most);
  const found = fit.w.map((weights, f) => {
    const length = Math.sqrt(dot(fit.h[f], fit.h[f]));
    const loading = fit.h[f].map((value) => (length ? value / length : 0)), scaled = weights.map((value) => value * length);
    let product = 0;
    for (let i = 0; i < rows; i++) product += scaled[i] * dot(loading, matrix.subarray(i * width, (i + 1) * width));
    return {weights: scaled, loading, explained: whole ? product / whole : 0};
  }).sort((a, b) => b.explained - a.explained);
  return {
    weights: found.map((one) => one.weights), loadings: found.map((one) => one.loading), explained: found.map((one) => one.explained),
    error: errorOf(matrix, fit.w, fit.h, whole)
  };
}

/**
 * One factor after the other, columns of W and then rows of H, in place until little changes.
 * @param {Float64Array} matrix
 * @param {Float64Array[]} w
 * @param {Float64Array[]} h
 * @param {number} most
 */
function descend(matrix, w, h, most) {
  const rows = w[0].length, width = h[0].length;
  let before = 0;
  for (let iteration = 0; iteration < most; iteration++) {
    const byLoadings = h.map((loading) => Float64Array.from({length: rows}, (_, i) => dot(loading, matrix.subarray(i * width, (i + 1) * width))));
    let change = update(w, h, byLoadings);
    const byWeights = w.map((weights) => {
      const sum = new Float64Array(width);
      for (let i = 0; i < rows; i++) if (weights[i]) for (let n = 0, at = i * width; n < width; n++, at++) sum[n] += weights[i] * matrix[at];
      return sum;
    });
    change += update(h, w, byWeights);
    if (!iteration) before = change;
    if (change <= TOLERANCE * before) break;
  }
  return {w, h};
}

/**
 * Each of the vectors `x[f]` put to where the error is least, the others held; the sum of what they moved against their slopes.
 * @param {Float64Array[]} x
 * @param {Float64Array[]} others
 * @param {Float64Array[]} products of the matrix with each of the others
 */
function update(x, others, products) {
  let change = 0;
  const grams = others.map((a) => others.map((b) => dot(a, b)));
  for (let f = 0; f < x.length; f++) {
    const own = x[f], slopes = products[f].map((value) => -value);
    for (let g = 0; g < x.length; g++) for (let i = 0; i < own.length; i++) slopes[i] += grams[f][g] * x[g][i];
    for (let i = 0; i < own.length; i++) {
      change += Math.abs(own[i] ? slopes[i] : Math.min(0, slopes[i]));
      if (grams[f][f]) own[i] = Math.max(own[i] - slopes[i] / grams[f][f], 0);
    }
  }
  return change;
}

/**
 * |A - W H| / |A|.
 * @param {Float64Array} matrix
 * @param {Float64Array[]} w
 * @param {Float64Array[]} h
 * @param {number} whole
 */
function errorOf(matrix, w, h, whole) {
  const rows = w[0].length, width = h[0].length;
  let squares = 0;
  for (let i = 0; i < rows; i++) {
    const rest = matrix.slice(i * width, (i + 1) * width);
    w.forEach((weights, f) => {
      for (let n = 0; n < width; n++) rest[n] -= weights[i] * h[f][n];
    });
    squares += dot(rest, rest);
  }
  return Math.sqrt(squares / (whole || 1));
}

/**
 * The larger of the positive and the negative parts of each pair of singular vectors.
 * @param {Float64Array} matrix
 * @param {number} rows
 * @param {number} count
 * @returns {[Float64Array[], Float64Array[]]}
 */
function nndsvd(matrix, rows, count) {
  const width = matrix.length / rows;
  const row = (/** @type {number} */ i) => matrix.subarray(i * width, (i + 1) * width);
  const gram = Array.from({length: rows}, (_, i) => Float64Array.from({length: rows}, (_, j) => dot(row(i), row(j))));
  const pairs = eigen(gram).slice(0, count).map(({value, vector}, f) => {
    const size = Math.sqrt(Math.max(value, 0)), right = new Float64Array(width);
    vector.forEach((weight, i) => row(i).forEach((x, n) => (right[n] += weight * x)));
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
 */
function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
