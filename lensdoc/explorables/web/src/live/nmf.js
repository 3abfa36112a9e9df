// Non-negative matrix factorization as lensdoc has it from scikit-learn: coordinate descent (Cichocki & Phan 2009) from the better of the
// starts NNDSVD and NNDSVDa (Boutsidis & Gallopoulos 2008).
import {eigen} from "./eigen.js";

/** Iterations after which only the better start goes on. */
const TRIAL = 10;
/** The part of a way that is gone on at first, and what of an error is rounding. */
const FURTHER = 0.5, ROUNDING = 1e-12;
const AGAIN = 5, ITERATIONS = 400, TOLERANCE = 1e-3, SMALL = 1e-6;
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
  const width = matrix.length / rows;
  const whole = dot(matrix, matrix), known = knownOf(matrix, rows, count);
  const most = Math.max(20, Math.min(ITERATIONS, Math.floor(WORK / (4 * rows * width * count))));
  const start = nndsvd(matrix, rows, count);
  const mean = matrix.reduce((a, b) => a + b, 0) / matrix.length;
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
    const row = matrix.subarray(i * width, (i + 1) * width), found = new Int32Array(width);
    let known = 0;
    for (let n = 0; n < width; n++) if (row[n] > 0) found[known++] = n;
    const columns = found.slice(0, known);
    return {places: columns.map((n) => n * stride), values: Float64Array.from(columns, (n) => row[n])};
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
  for (let i = 0; i < side.length; i++) into[i] = Math.max(0, side[i] + part * (side[i] - before[i]));
}

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
 * Each factor put to where the error is least, and not below 0, the others held; the sum of what the slopes were where it moved.
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
      if (value > 0 || slope < 0) change += Math.abs(slope);
      const next = value - slope * steps[f];
      side[at + f] = next > 0 ? next : 0;
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
function nndsvd(matrix, rows, count) {
  const width = matrix.length / rows;
  const row = (/** @type {number} */ i) => matrix.subarray(i * width, (i + 1) * width);
  const gram = Array.from({length: rows}, (_, i) => Float64Array.from({length: rows}, (_, j) => dot(row(i), row(j))));
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
function dot(a, b, from = 0) {
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
