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

/** Powers of ten that a number of 64 bits holds exactly. */
const TENS = Array.from({length: 23}, (_, power) => Number(`1e${power}`));

/**
 * As records keep measured numbers: `Number(value.toPrecision(4))`, of tens of thousands in each answer.
 * @param {number} value
 */
export function fourDigits(value) {
  const size = Math.abs(value), power = 3 - Math.floor(Math.log10(size));
  if (!(power >= 0 && power < TENS.length)) return Number(value.toPrecision(4)); // 0 too
  const scaled = size * TENS[power], whole = Math.round(scaled);
  if (Math.abs(scaled - whole) > 0.499999 || whole < 1000 || whole > 9999) return Number(value.toPrecision(4)); // the last digit may be the other one
  return (value < 0 ? -whole : whole) / TENS[power];
}

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
 * @param {Read} read
 * @param {import("./passes.js").Passes} passes
 */
export function rankingsOf(read, {ranks, probs}) {
  const layers = ranks.map((_, l) => l);
  return {format: "lensdoc/rankings", tokens: read.tokens, final_norm: true, layers, targets: targetsOf(read), ranks, probs: probs.map((row) => row.map(fourDigits))};
}

/**
 * The most probable tokens after every layer at the place after the last token.
 * @param {Texts} texts
 * @param {Read} read
 * @param {import("./passes.js").Passes} passes
 */
export function predictionsOf(texts, {tokens}, {top}) {
  const last = top.map((row) => /** @type {{ids: number[], probs: number[]}} */ (row.at(-1)));
  const written = last.map(({ids}) => ids.map((id) => texts.token(id, "output")));
  return {
    format: "lensdoc/predictions", tokens, final_norm: true, layers: last.map((_, l) => l), positions: [tokens.length],
    ids: [last.map(({ids}) => ids)],
    texts: [written.map((row) => row.map((token) => token.text))],
    ...(written.some((row) => row.some((token) => token.bytes)) ? {bytes: [written.map((row) => row.map((token) => token.bytes ?? null))]} : {}),
    probs: [last.map(({probs}) => probs.map(fourDigits))]
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
  return sharesOf(found.scores.data);
}

/**
 * @param {Float32Array} found scores of the tokens before the target
 */
export function sharesOf(found) {
  const scores = Array.from(found), total = scores.reduce((a, b) => a + b, 0);
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
