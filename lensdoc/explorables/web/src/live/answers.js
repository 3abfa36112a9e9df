// What the graph gives, as the records that lensdoc's measures make in Python of the same text.

/** @typedef {import("./texts.js").Token} Token */
/** @typedef {import("./texts.js").Texts} Texts */
/** @typedef {import("./model.js").Model} Model */

/**
 * A text with what the model wrote, and which of its tokens are struck out.
 * @typedef {object} Read
 * @property {Token[]} tokens
 * @property {number[]} ids
 * @property {number} given how many tokens were given, and not written
 * @property {number[]} kept 0 for each token that is struck out, 1 for the others
 */

/** Logits that are made at once: positions are taken a few at a time where the vocabulary is large. */
const AT_ONCE = 12e6;

/**
 * Probability and rank of the most probable token, which is the one that is written.
 * @param {Float32Array} logits
 */
export function mostProbable(logits) {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += Math.exp(logits[i] - logits[best]);
  return {id: best, prob: 1 / total};
}

/** @param {number} value as records keep measured numbers */
export const fourDigits = (value) => Number(value.toPrecision(4));

/**
 * @param {Read} read
 * @param {number[]} probs of the produced ones
 * @param {number[]} ranks
 */
export function sequenceOf(read, probs, ranks) {
  return {format: "lensdoc/sequence", tokens: read.tokens, targets: targetsOf(read), probs: probs.map(fourDigits), ranks};
}

/** @param {Read} read */
export const targetsOf = ({tokens, given}) => tokens.map((_, i) => i).slice(given);

/**
 * Ranks and probabilities of the produced tokens after every layer.
 * @param {Model} model
 * @param {Read} read
 * @param {number} layers
 * @param {number} vocabulary
 * @param {() => Promise<void>} pause lets a message in, and throws when it was to stop
 */
export async function lensOf(model, read, layers, vocabulary, pause) {
  const {tokens, ids, kept} = read, targets = targetsOf(read);
  const ranks = Array.from({length: layers}, () => /** @type {number[]} */ ([]));
  const probs = Array.from({length: layers}, () => /** @type {number[]} */ ([]));
  const step = Math.max(1, Math.floor(AT_ONCE / (layers * vocabulary)));
  for (let first = 0; first < targets.length; first += step) {
    await pause();
    const some = targets.slice(first, first + step);
    const found = await model.run({ids, kept, places: some.map((t) => t - 1), wanted: some.map((t) => ids[t])});
    for (let l = 0; l < layers; l++) {
      for (let p = 0; p < some.length; p++) {
        ranks[l].push(Number(found.ranks.data[l * some.length + p]));
        probs[l].push(fourDigits(found.probs.data[l * some.length + p]));
      }
    }
  }
  return {format: "lensdoc/rankings", tokens, final_norm: true, layers: ranks.map((_, l) => l), targets, ranks, probs};
}

/**
 * The most probable tokens after every layer at the place after the last token.
 * @param {Model} model
 * @param {Texts} texts
 * @param {Read} read
 * @param {number} layers
 */
export async function predictionsOf(model, texts, {tokens, ids, kept}, layers) {
  const position = tokens.length;
  const found = await model.run({ids, kept, places: [position - 1], wanted: [0]});
  const k = found.top_ids.data.length / layers;
  const of = (/** @type {ArrayLike<number | bigint>} */ data, /** @type {number} */ l) => Array.from(data).slice(l * k, (l + 1) * k).map(Number);
  const rows = Array.from({length: layers}, (_, l) => of(found.top_ids.data, l));
  const written = rows.map((row) => row.map((id) => texts.token(id, "output")));
  return {
    format: "lensdoc/predictions", tokens, final_norm: true, layers: rows.map((_, l) => l), positions: [position],
    ids: [rows],
    texts: [written.map((row) => row.map((token) => token.text))],
    ...(written.some((row) => row.some((token) => token.bytes)) ? {bytes: [written.map((row) => row.map((token) => token.bytes ?? null))]} : {}),
    probs: [rows.map((_, l) => of(found.top_probs.data, l).map(fourDigits))]
  };
}

/**
 * Gradient x input of the logit of one token: shares of the tokens before it.
 * @param {Model} model
 * @param {Read} read
 * @param {number} target
 */
export async function scoresOf(model, {ids, kept}, target) {
  // Later tokens change nothing, so the text ends before the target.
  const found = await model.run({ids: ids.slice(0, target), kept: kept.slice(0, target), at: target - 1, token: ids[target]});
  const scores = /** @type {number[]} */ (Array.from(found.scores.data));
  const total = scores.reduce((a, b) => a + b, 0);
  return {scores: scores.map((score) => fourDigits(total ? score / total : 0)), total: fourDigits(total)};
}

/**
 * @param {Token[]} tokens
 * @param {number[]} targets those that were explained
 * @param {{scores: number[], total: number}[]} rows
 */
export function saliencyOf(tokens, targets, rows) {
  return {
    format: "lensdoc/saliency", tokens, method: "gradient_x_input", target: "logit", signed: false, contrast: null, targets,
    scores: rows.map((row) => row.scores), totals: rows.map((row) => row.total)
  };
}
