// Attention weights of a text, as the record that lensdoc's measure `attention` makes in Python.

/** @typedef {import("./answers.js").Read} Read */

/**
 * @param {Read} read
 * @param {import("./passes.js").Passes} passes
 * @param {{layers: number[], heads: number[], head_scores: any}} first the record of the first prompt: which heads are shown, and the
 *     scores that are the model's own and not of a text
 */
export function attentionOf({tokens}, {weights: found}, {layers, heads, head_scores}) {
  const count = tokens.length;
  if (count < 3 || !found) return "Attention is shown of texts of at least 3 tokens.";
  const {data, dims} = found;
  const size = count * count;
  /** @type {(layer: number, head: number) => Float32Array} */
  const of = (layer, head) => data.subarray((layer * dims[1] + head) * size, (layer * dims[1] + head + 1) * size);
  const each = layers.map((layer) => heads.map((head) => of(layer, head)));
  const first = each.map((layer) => layer.map((weights) => meanOf(weights, count)));
  const flat = first.flat();
  return {
    format: "lensdoc/attention", tokens, layers, heads,
    weights: each.map((layer) => layer.map((weights) => halvesOf(weights, count))),
    head_scores: {...head_scores, first},
    facts: {
      layers: layers.length, heads: heads.length, first_share: flat.reduce((a, b) => a + b, 0) / flat.length,
      even_share: tokens.slice(1).reduce((sum, _, i) => sum + 1 / (i + 2), 0) / (count - 1)
    }
  };
}

/**
 * Mean weight on the first token, of all queries after it.
 * @param {Float32Array} weights
 * @param {number} count
 */
function meanOf(weights, count) {
  let sum = 0;
  for (let query = 1; query < count; query++) sum += weights[query * count];
  return sum / (count - 1);
}

/**
 * The weights on the tokens up to each query, as base64 of 16-bit numbers.
 * @param {Float32Array} weights
 * @param {number} count
 */
function halvesOf(weights, count) {
  const view = new DataView(new ArrayBuffer(count * (count + 1)));
  for (let query = 0, at = 0; query < count; query++) {
    for (let key = 0; key <= query; key++, at += 2) view.setUint16(at, half(weights[query * count + key]), true);
  }
  return btoa(String.fromCharCode(...new Uint8Array(view.buffer)));
}

/**
 * A share from 0 to 1 as the nearest 16-bit number.
 * @param {number} value
 */
function half(value) {
  if (value < 2 ** -14) return Math.round(value * 2 ** 24);
  const exponent = Math.floor(Math.log2(value));
  return Math.round((exponent + 15) * 1024 + (value / 2 ** exponent - 1) * 1024); // what rounds up to the next power of two carries over
}
