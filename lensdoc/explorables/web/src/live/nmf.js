// Non-negative matrix factorization as lensdoc has it from scikit-learn: coordinate descent (Cichocki & Phan 2009) from the better of the
// starts NNDSVD and NNDSVDa.
import {dot, nndsvd} from "./nndsvd.js";

/** Iterations after which only the better start goes on. */
const TRIAL = 5;
/** The part of a way that is gone on at first, and what of an error is rounding. */
const FURTHER = 0.5, ROUNDING = 1e-12;
const AGAIN = 5, ITERATIONS = 400, TOLERANCE = 1e-3;
/** Multiplications of one factorization, at most: a large text gets fewer iterations, and stays within seconds. */
const WORK = 3e9;
const ALIKE = 1.0001; // errors that differ by less, of which the first start is kept

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
  const width = matrix.length / rows, active = activeColumns(matrix, width), some = new Float64Array(rows * active.length);
  for (let i = 0; i < rows; i++) active.forEach((n, k) => (some[i * active.length + k] = matrix[i * width + n]));
  const found = factored(some, rows, count, some.reduce((a, b) => a + b, 0) / (matrix.length || 1));
  const loadings = found.loadings.map((loading) => {
    const all = new Float64Array(width);
    active.forEach((n, k) => (all[n] = loading[k]));
    return all;
  });
  return {...found, loadings};
}

/**
 * The columns that are above 0 in any row: a fifth of all neurons are silent throughout a short text, and are in no factor.
 * @param {Float64Array} matrix
 * @param {number} width
 */
function activeColumns(matrix, width) {
  return Int32Array.from({length: width}, (_, n) => n).filter((n) => {
    for (let at = n; at < matrix.length; at += width) if (matrix[at] > 0) return true;
    return false;
  });
}

/**
 * The same of a matrix without empty columns.
 * @param {Float64Array} matrix
 * @param {number} rows
 * @param {number} count
 * @param {number} mean of the whole matrix
 * @returns {Factorization}
 */
function factored(matrix, rows, count, mean) {
  const width = matrix.length / rows;
  const whole = dot(matrix, matrix), known = knownOf(matrix, rows, count);
  const most = Math.max(20, Math.min(ITERATIONS, Math.floor(WORK / (4 * rows * width * count))));
  const start = nndsvd(matrix, rows, count);
  const filled = start.map((parts) => parts.map((part) => part.map((value) => value || mean)));
  const trials = [start, filled].map((sides) => {
    const [w, h] = sides.map(together);
    return {w, h, error: descend(known, w, h, whole, TRIAL)};
  });
  const {w, h} = trials[trials[0].error <= ALIKE * trials[1].error ? 0 : 1];
  const error = descend(known, w, h, whole, most);
  const [short, long] = [w, h].map((side) => apart(side, count));
  const found = short.map((weights, f) => {
    const own = long[f], length = Math.sqrt(dot(own, own));
    const loading = own.map((value) => (length ? value / length : 0)), scaled = weights.map((value) => value * length);
    let product = 0;
    for (let i = 0; i < rows; i++) product += scaled[i] * dot(loading, matrix, i * width);
    return {weights: scaled, loading, explained: whole ? product / whole : 0};
  }).sort((a, b) => b.explained - a.explained);
  return {weights: found.map((one) => one.weights), loadings: found.map((one) => one.loading), explained: found.map((one) => one.explained), error};
}

/**
 * What is above 0 in each row: most neurons are silent at most states.
 * @typedef {object} Known
 * @property {number} count factors
 * @property {number} stride numbers that a neuron or a state has in a side: its factors and zeros up to a multiple of four
 * @property {{places: Int32Array, values: Float64Array}[]} rows the neurons' places in a side, and their values
 */

/**
 * @param {Float64Array} matrix
 * @param {number} rows
 * @param {number} count
 * @returns {Known}
 */
function knownOf(matrix, rows, count) {
  const width = matrix.length / rows, stride = strideOf(count);
  const each = Array.from({length: rows}, (_, i) => {
    const places = new Int32Array(width), values = new Float64Array(width);
    let known = 0;
    for (let n = 0; n < width; n++) {
      const value = matrix[i * width + n];
      if (value <= 0) continue;
      places[known] = n * stride;
      values[known++] = value;
    }
    return {places: places.subarray(0, known), values: values.subarray(0, known)};
  });
  return {count, stride, rows: each};
}

/** @param {number} count */
const strideOf = (count) => 4 * Math.ceil(count / 4);

/**
 * A side of the factorization with all factors of a neuron, or of a state, beside each other: what is computed of one reads one place.
 * @param {Float64Array[]} vectors one of each factor
 */
function together(vectors) {
  const stride = strideOf(vectors.length), side = new Float64Array(vectors[0].length * stride);
  vectors.forEach((vector, f) => vector.forEach((value, n) => (side[n * stride + f] = value)));
  return side;
}

/**
 * @param {Float64Array} side
 * @param {number} count
 */
function apart(side, count) {
  const stride = strideOf(count);
  return Array.from({length: count}, (_, f) => Float64Array.from({length: side.length / stride}, (_, n) => side[n * stride + f]));
}

/**
 * Of each state, and then of each neuron, one factor after the other, in place until little changes; |A - W H| / |A| of what is found.
 * There are more neurons than states, so the states are put to their best a few times for each of theirs (Gillis & Glineur 2012); and
 * each side goes on a little the way that it went, unless the error grows by it (Ang & Gillis 2019), which halves the iterations.
 * @param {Known} known
 * @param {Float64Array} w
 * @param {Float64Array} h
 * @param {number} whole |A|^2
 * @param {number} most
 */
function descend(known, w, h, whole, most) {
  const byLoadings = new Float64Array(w.length), byWeights = new Float64Array(h.length), [wFrom, hFrom, wBest, hBest] = [w, h, w, h].map((side) => side.slice());
  let before = 0, least = Infinity, further = FURTHER, furthest = 1;
  for (let iteration = 0; iteration < most; iteration++) {
    multiplied(known, hFrom, byLoadings);
    const alike = gram(known, hFrom);
    w.set(wFrom);
    let change = update(known, w, alike, byLoadings);
    for (let again = 1; again < AGAIN; again++) update(known, w, alike, byLoadings);
    onwards(w, wBest, further, w);
    combined(known, w, byWeights);
    const weights = gram(known, w);
    h.set(hFrom);
    change += update(known, h, weights, byWeights);
    const error = whole - 2 * dot(h, byWeights) + dot(weights, gram(known, h));
    if (error > least + ROUNDING * whole) { // back to the best, and from there less far
      for (const [side, best] of [[w, wBest], [wFrom, wBest], [h, hBest], [hFrom, hBest]]) side.set(best);
      [further, furthest] = [further / 1.5, further];
      continue;
    }
    onwards(h, hBest, further, hFrom);
    for (const [side, best] of [[wFrom, w], [wBest, w], [hBest, h]]) side.set(best);
    [further, furthest] = [Math.min(furthest, 1.05 * further), Math.min(1, 1.01 * furthest)];
    least = error;
    if (!iteration) before = change;
    if (change <= TOLERANCE * before) break;
  }
  return Math.sqrt(Math.max(least, 0) / (whole || 1));
}

/**
 * From where a side was before to where it is, and on by a part of that way; not below 0.
 * @param {Float64Array} side
 * @param {Float64Array} before
 * @param {number} part
 * @param {Float64Array} into
 */
function onwards(side, before, part, into) {
  for (let i = 0; i < side.length; i++) into[i] = notBelow0(side[i] + part * (side[i] - before[i]));
}

/**
 * The same as Math.max(0, value), without a branch: which way it goes cannot be predicted, so a branch takes several times as long.
 * @param {number} value
 */
const notBelow0 = (value) => (value + Math.abs(value)) / 2;

/**
 * The products of the rows with the loadings.
 * @param {Known} known
 * @param {Float64Array} h
 * @param {Float64Array} into
 */
function multiplied({rows, stride}, h, into) {
  rows.forEach(({places, values}, i) => {
    for (let f = 0; f < stride; f += 4) {
      let p = 0, q = 0, r = 0, s = 0;
      for (let k = 0; k < places.length; k++) {
        const at = places[k] + f, x = values[k];
        p += x * h[at];
        q += x * h[at + 1];
        r += x * h[at + 2];
        s += x * h[at + 3];
      }
      into.set([p, q, r, s], i * stride + f);
    }
  });
}

/**
 * The sums of the rows by the weights.
 * @param {Known} known
 * @param {Float64Array} w
 * @param {Float64Array} into
 */
function combined({rows, stride}, w, into) {
  into.fill(0);
  rows.forEach(({places, values}, i) => {
    for (let f = 0; f < stride; f += 4) {
      const from = i * stride + f, p = w[from], q = w[from + 1], r = w[from + 2], s = w[from + 3];
      for (let k = 0; k < places.length; k++) {
        const at = places[k] + f, x = values[k];
        into[at] += p * x;
        into[at + 1] += q * x;
        into[at + 2] += r * x;
        into[at + 3] += s * x;
      }
    }
  });
}

/**
 * Each factor put to where the error is least, and not below 0, the others held; the sum of the slopes along which it moved.
 * @param {Known} known
 * @param {Float64Array} side
 * @param {Float64Array} alike the products of the other side's factors with each other
 * @param {Float64Array} products of the matrix with the other side
 */
function update({count, stride}, side, alike, products) {
  const steps = Float64Array.from({length: count}, (_, f) => (alike[f * stride + f] ? 1 / alike[f * stride + f] : 0));
  let change = 0;
  for (let at = 0; at < side.length; at += stride) {
    for (let f = 0; f < count; f++) {
      const of = f * stride, value = side[at + f];
      let slope = -products[at + f];
      for (let g = 0; g < stride; g += 4) {
        slope += alike[of + g] * side[at + g] + alike[of + g + 1] * side[at + g + 1];
        slope += alike[of + g + 2] * side[at + g + 2] + alike[of + g + 3] * side[at + g + 3];
      }
      const next = notBelow0(value - slope * steps[f]);
      change += Math.abs(next - value) * alike[of + f];
      side[at + f] = next;
    }
  }
  return change;
}

/**
 * The products of a side's factors with each other.
 * @param {Known} known
 * @param {Float64Array} side
 */
function gram({count, stride}, side) {
  const found = new Float64Array(stride * stride);
  for (let f = 0; f < count; f++) {
    for (let g = 0; g < stride; g += 4) {
      let p = 0, q = 0, r = 0, s = 0;
      for (let at = 0; at < side.length; at += stride) {
        const x = side[at + f];
        p += x * side[at + g];
        q += x * side[at + g + 1];
        r += x * side[at + g + 2];
        s += x * side[at + g + 3];
      }
      found.set([p, q, r, s], f * stride + g);
    }
  }
  return found;
}
