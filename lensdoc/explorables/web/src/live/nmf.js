// Non-negative matrix factorization as lensdoc has it from scikit-learn: coordinate descent (Cichocki & Phan 2009) from the better of the
// starts NNDSVD and NNDSVDa (Boutsidis & Gallopoulos 2008).
import {eigen} from "./eigen.js";

/** Iterations after which only the better start goes on. */
const TRIAL = 10;
const AGAIN = 5, ITERATIONS = 400, TOLERANCE = 1e-3, SMALL = 1e-6;
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
  const whole = dot(matrix, matrix), known = knownOf(matrix, rows);
  const most = Math.max(20, Math.min(ITERATIONS, Math.floor(WORK / (4 * rows * width * count))));
  const start = nndsvd(matrix, rows, count);
  const mean = matrix.reduce((a, b) => a + b, 0) / matrix.length;
  const filled = start.map((parts) => parts.map((part) => part.map((value) => value || mean)));
  const trials = [start, filled].map(([w, h]) => ({w, h, error: descend(known, w, h, whole, TRIAL)}));
  const {w, h} = trials[trials[0].error <= ALIKE * trials[1].error ? 0 : 1];
  const error = descend(known, w, h, whole, most);
  const found = w.map((weights, f) => {
    const length = Math.sqrt(dot(h[f], h[f]));
    const loading = h[f].map((value) => (length ? value / length : 0)), scaled = weights.map((value) => value * length);
    let product = 0;
    for (let i = 0; i < rows; i++) product += scaled[i] * dot(loading, matrix, i * width);
    return {weights: scaled, loading, explained: whole ? product / whole : 0};
  }).sort((a, b) => b.explained - a.explained);
  return {weights: found.map((one) => one.weights), loadings: found.map((one) => one.loading), explained: found.map((one) => one.explained), error};
}

/**
 * What is above 0 in each row: most neurons are silent at most states.
 * @typedef {{columns: Int32Array, values: Float64Array}[]} Known
 */

/**
 * @param {Float64Array} matrix
 * @param {number} rows
 * @returns {Known}
 */
function knownOf(matrix, rows) {
  const width = matrix.length / rows;
  return Array.from({length: rows}, (_, i) => {
    const row = matrix.subarray(i * width, (i + 1) * width), found = new Int32Array(width);
    let count = 0;
    for (let n = 0; n < width; n++) if (row[n] > 0) found[count++] = n;
    const columns = found.slice(0, count);
    return {columns, values: Float64Array.from(columns, (n) => row[n])};
  });
}

/**
 * One factor after the other, columns of W and then rows of H, in place until little changes; |A - W H| / |A| of what is found. Rows of H
 * are long, so those of W are put to their best a few times for each of theirs (Gillis & Glineur 2012).
 * @param {Known} known
 * @param {Float64Array[]} w
 * @param {Float64Array[]} h
 * @param {number} whole |A|^2
 * @param {number} most
 */
function descend(known, w, h, whole, most) {
  const byLoadings = w.map((column) => column.slice()), byWeights = h.map((row) => row.slice());
  const sums = new Float64Array(4 * h[0].length), [short, long] = [w, h].map(([{length}]) => new Float64Array(length));
  let before = 0;
  for (let iteration = 0; iteration < most; iteration++) {
    inFours(h, byLoadings, (loadings, into) => multiplied(known, loadings, into));
    const alike = gram(h);
    let change = update(w, alike, byLoadings, short);
    for (let again = 1; again < AGAIN; again++) update(w, alike, byLoadings, short);
    inFours(w, byWeights, (weights, into) => combined(known, weights, into, sums));
    change += update(h, gram(w), byWeights, long);
    if (!iteration) before = change;
    if (change <= TOLERANCE * before) break;
  }
  return errorOf(w, h, byWeights, whole);
}

/**
 * Four factors at a time, so that the matrix is read less often; where fewer are left the last one is done again.
 * @param {Float64Array[]} vectors
 * @param {Float64Array[]} into
 * @param {(four: Float64Array[], into: Float64Array[]) => void} act
 */
function inFours(vectors, into, act) {
  for (let f = 0; f < vectors.length; f += 4) {
    const four = [f, f + 1, f + 2, f + 3].map((g) => Math.min(g, vectors.length - 1));
    act(four.map((g) => vectors[g]), four.map((g) => into[g]));
  }
}

/**
 * The products of the rows with four vectors.
 * @param {Known} known
 * @param {Float64Array[]} vectors
 * @param {Float64Array[]} into
 */
function multiplied(known, [a, b, c, d], into) {
  known.forEach(({columns, values}, i) => {
    let p = 0, q = 0, r = 0, s = 0;
    for (let k = 0; k < columns.length; k++) {
      const n = columns[k], x = values[k];
      p += a[n] * x;
      q += b[n] * x;
      r += c[n] * x;
      s += d[n] * x;
    }
    [p, q, r, s].forEach((product, f) => (into[f][i] = product));
  });
}

/**
 * The rows, each times its weight, added up, by four vectors of weights.
 * @param {Known} known
 * @param {Float64Array[]} weights
 * @param {Float64Array[]} into
 * @param {Float64Array} sums what is computed in
 */
function combined(known, [a, b, c, d], into, sums) {
  const width = into[0].length;
  sums.fill(0);
  known.forEach(({columns, values}, i) => {
    const p = a[i], q = b[i], r = c[i], s = d[i];
    for (let k = 0; k < columns.length; k++) {
      const at = 4 * columns[k], x = values[k];
      sums[at] += p * x;
      sums[at + 1] += q * x;
      sums[at + 2] += r * x;
      sums[at + 3] += s * x;
    }
  });
  into.forEach((sum, f) => {
    for (let n = 0; n < width; n++) sum[n] = sums[4 * n + f];
  });
}

/**
 * Each of the vectors `x[f]` put to where the error is least, the others held; the sum of what they moved against their slopes.
 * @param {Float64Array[]} x
 * @param {number[][]} alike the products of the others with each other
 * @param {Float64Array[]} products of the matrix with each of the others
 * @param {Float64Array} slopes what is computed in
 */
function update(x, alike, products, slopes) {
  let change = 0;
  x.forEach((own, f) => {
    slopes.fill(0);
    add(slopes, -1, products[f]);
    x.forEach((values, g) => add(slopes, alike[f][g], values));
    change += moved(own, slopes, alike[f][f] ? 1 / alike[f][f] : 0);
  });
  return change;
}

/** @param {Float64Array[]} vectors */
function gram(vectors) {
  const found = vectors.map(() => new Array(vectors.length).fill(0));
  for (let f = 0; f < vectors.length; f++) for (let g = 0; g <= f; g++) found[f][g] = found[g][f] = dot(vectors[f], vectors[g]);
  return found;
}

/**
 * @param {Float64Array} own put to where the error is least, and not below 0
 * @param {Float64Array} slopes
 * @param {number} step
 */
function moved(own, slopes, step) {
  let change = 0;
  for (let i = 0; i < own.length; i++) {
    const value = own[i], slope = slopes[i], next = value - slope * step;
    if (value > 0 || slope < 0) change += Math.abs(slope);
    own[i] = next > 0 ? next : 0;
  }
  return change;
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
 * |A - W H| / |A|, by its square: |A|^2 - 2 <W'A, H> + <W'W, H H'>.
 * @param {Float64Array[]} w
 * @param {Float64Array[]} h
 * @param {Float64Array[]} byWeights W'A
 * @param {number} whole |A|^2
 */
function errorOf(w, h, byWeights, whole) {
  const [ofWeights, ofLoadings] = [gram(w), gram(h)];
  let squares = whole;
  h.forEach((loading, f) => {
    squares -= 2 * dot(loading, byWeights[f]);
    h.forEach((_, g) => (squares += ofWeights[f][g] * ofLoadings[f][g]));
  });
  return Math.sqrt(Math.max(squares, 0) / (whole || 1));
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
