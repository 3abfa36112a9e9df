import {range} from "d3-array";
import {score, share} from "./numbers.js";
import {levels} from "./tints.js";
import {text} from "./words.js";

/** How many tokens the read-out names. */
const MOST = 3;

/**
 * Put scores on the tokens, and take those of the last choice away.
 * @param {HTMLElement[]} tokens
 * @param {number[]} scores of the tokens from the first on
 * @param {number} chosen position of the token to which they belong
 * @param {{levels: number, signed: boolean}} data
 * @param {{largest?: number | null, hue?: string}} [tint]
 */
export function showScores(tokens, scores, chosen, data, {largest, hue = "1"} = {}) {
  const steps = levels(scores, data.levels, largest);
  tokens.forEach((token, position) => {
    const value = scores[position];
    token.toggleAttribute("data-chosen", position === chosen);
    for (const name of ["hue", "level", "share"]) delete token.dataset[name];
    if (value) Object.assign(token.dataset, {hue: value < 0 ? 2 : hue, level: steps[position], share: label(value, data.signed)});
  });
}

/**
 * A score as it stands at its token.
 * @param {number} value
 * @param {boolean} signed
 */
export const label = (value, signed) => (signed ? score(value) : share(value));

/**
 * Positions of the largest scores, whatever their sign, the largest first; none of 0.
 * @param {number[]} scores
 * @param {number} most
 */
export function ranked(scores, most) {
  const order = range(scores.length).filter((i) => scores[i]).sort((a, b) => Math.abs(scores[b]) - Math.abs(scores[a]) || a - b);
  return order.slice(0, most);
}

/**
 * The tokens with the largest scores, in words.
 * @param {HTMLElement[]} tokens
 * @param {number[]} scores
 * @param {boolean} signed
 */
export function named(tokens, scores, signed) {
  return ranked(scores, MOST).map((i) => `‘${text(tokens[i])}’ (token ${i}) ${label(scores[i], signed)}`).join(", ") || "no token";
}
