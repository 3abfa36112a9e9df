import {max, range} from "d3-array";
import shared from "../../shared.json" with {type: "json"};
import {counted, ofTemplate} from "./folds.js";
import {score, share} from "./numbers.js";
import {levels, put} from "./tints.js";
import {numbered, quoted} from "./words.js";

/**
 * Put scores on the tokens, and take those of the last choice away.
 * @param {HTMLElement[]} tokens
 * @param {number[]} scores of the tokens from the first on
 * @param {number} chosen position of the token to which they belong
 * @param {{levels: number, signed: boolean}} data
 * @param {{largest?: number | null, hue?: string, notched?: boolean}} [tint] beside bars with a notch small shares have no label
 */
export function showScores(tokens, scores, chosen, data, {largest, hue = "1", notched = false} = {}) {
  const steps = levels(scores, data.levels, largest);
  tokens.forEach((token, position) => {
    const value = scores[position];
    token.toggleAttribute("data-chosen", position === chosen);
    put(token, "hue", value ? (value < 0 ? "2" : hue) : undefined);
    put(token, "level", value ? String(steps[position]) : undefined);
    put(token, "share", value && !(notched && value < shared.tokens.labelled) ? label(value, data.signed) : undefined);
  });
  for (const fold of tokens[0]?.closest(".ld-tokens")?.querySelectorAll(".ld-fold") ?? []) {
    const members = fold.querySelectorAll(".ld-token");
    const first = tokens.indexOf(/** @type {HTMLElement} */ (members[0]));
    const told = fold.querySelector(".ld-sum");
    if (told) told.textContent = first < scores.length ? ` ${label(sum(scores.slice(first, first + members.length)), data.signed)}` : "";
  }
}

/**
 * Where bars have their notch: at the share that each token would have if all had the same.
 * @param {number[]} scores
 * @param {number} levels
 * @param {number | null} [largest] what the highest bar stands for, unless it is the largest of these
 * @param {number} [none] how many of the scores are none
 */
export function even(scores, levels, largest, none = 0) {
  const whole = largest ?? max(scores, Math.abs) ?? 0;
  return whole ? ((levels - 1) / (scores.length - none) / whole).toFixed(2) : "99";
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

/** @param {number[]} values added up in order, as the page's first state does */
const sum = (values) => values.reduce((total, value) => total + value, 0);

/**
 * The tokens with the largest scores, in words, and the sum of those that are folded.
 * @param {HTMLElement[]} tokens
 * @param {number[]} scores
 * @param {boolean} signed
 */
export function named(tokens, scores, signed) {
  const found = ranked(scores, shared.tokens.named).map((i) => `${quoted(tokens[i])} (${numbered(tokens[i], i)}) ${label(scores[i], signed)}`);
  const folded = scores.filter((_, i) => ofTemplate(tokens[i]));
  const together = folded.length ? `; ${counted(folded.length)} together ${label(sum(folded), signed)}` : "";
  return (found.join(", ") || "no token") + together;
}
