// Eigenvectors of a symmetric matrix, by Jacobi's rotations.

const SWEEPS = 60, CLOSE = 1e-22;

/**
 * @param {Float64Array[]} given symmetric
 * @returns {{value: number, vector: Float64Array}[]} the largest value first; vectors have length 1
 */
export function eigen(given) {
  const size = given.length, a = given.map((row) => row.slice());
  const vectors = a.map((_, i) => Float64Array.from({length: size}, (_, j) => Number(i === j))); // vectors[i][k]: element i of vector k
  const whole = a.reduce((sum, row) => sum + row.reduce((s, x) => s + x * x, 0), 0);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let off = 0;
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) off += a[p][q] ** 2;
    if (off <= CLOSE * whole) break;
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) if (a[p][q]) rotate(a, vectors, p, q);
  }
  const found = a.map((row, k) => ({value: row[k], vector: Float64Array.from(vectors, (each) => each[k])}));
  return found.sort((x, y) => y.value - x.value);
}

/**
 * Turn two axes so that nothing is left between them.
 * @param {Float64Array[]} a
 * @param {Float64Array[]} vectors
 * @param {number} p
 * @param {number} q
 */
function rotate(a, vectors, p, q) {
  const ratio = (a[q][q] - a[p][p]) / (2 * a[p][q]);
  const t = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(ratio, 1)), c = 1 / Math.hypot(t, 1), s = t * c;
  for (const row of [...a, ...vectors]) {
    const x = row[p], y = row[q];
    row[p] = c * x - s * y;
    row[q] = s * x + c * y;
  }
  for (let k = 0; k < a.length; k++) {
    const x = a[p][k], y = a[q][k];
    a[p][k] = c * x - s * y;
    a[q][k] = s * x + c * y;
  }
}
