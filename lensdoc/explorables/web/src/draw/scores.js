// Scores on the tokens before another: their tints, their labels, and the largest in words. lensdoc/explorables/scores.py writes them
// alike.
import shared from "../../../shared.json" with {type: "json"};
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {label, ranked, share} from "../shared.js";
import {quoted} from "./display.js";
import {element} from "./elements.js";
import {decimal, said, templates} from "./formats.js";
import {level} from "./tints.js";

/** @typedef {import("./characters.js").Token} Token */

/**
 * The largest size among scores.
 * @param {number[][]} rows
 */
export const largestOf = (rows) => rows.reduce((most, row) => row.reduce((more, value) => Math.max(more, Math.abs(value)), most), 0);

/**
 * Where bars have their notch, as a style: at the share that each token would have if all had the same.
 * @param {number[]} row
 * @param {number} largest what the highest bar stands for
 */
export const even = (row, largest) => `--ld-even: ${row.length && largest ? decimal((sizes.tints.levels - 1) / row.length / largest, 2) : 99}`;

/** What bars and the numbers below them mean. */
export const key = () => said(words.saliency.notch, {least: share(shared.tokens.labelled)});

/**
 * Attributes of a token with a score; nothing for none. Beside bars with a notch small shares have no label.
 * @param {number} value
 * @param {number} largest
 * @param {boolean} signed
 * @param {string} [hue]
 * @param {boolean} [notched]
 * @returns {Record<string, string>}
 */
export function tint(value, largest, signed, hue = "1", notched = false) {
  if (!value) return {};
  const shade = {"data-hue": value < 0 ? "2" : hue, "data-level": String(level(Math.abs(value), largest))};
  return notched && value < shared.tokens.labelled ? shade : {...shade, "data-share": label(value, signed)};
}

/** @param {number[]} values added up in order, each step rounded */
export const added = (values) => values.reduce((total, value) => total + value, 0);

/**
 * The tokens with the largest scores, in words, and the sum of those that figures fold.
 * @param {Token[]} tokens
 * @param {number[]} row
 * @param {boolean} signed
 */
export function named(tokens, row, signed) {
  const found = ranked(row, shared.tokens.named).map((i) => `${quoted(tokens, i)} (${numbered(tokens, i)}) ${label(row[i], signed)}`);
  const folded = row.filter((_, i) => tokens[i]?.kind === "template");
  const together = folded.length ? said(words.together, {folded: templates(folded.length), sum: label(added(folded), signed)}) : "";
  return (found.join(", ") || words.noToken) + together;
}

/**
 * The sum of the scores of folded tokens; nothing where they have none.
 * @param {number[]} row
 * @param {import("./folds.js").Stretch} run
 * @param {boolean} signed
 */
export const told = (row, run, signed) => (run[0] < row.length ? label(added(row.slice(...run)), signed) : "");

/**
 * Where a token stands, in words, and whether it comes from a template.
 * @param {Token[]} tokens
 * @param {number} position
 */
export const numbered = (tokens, position) => said(tokens[position].kind === "template" ? words.templatePosition : words.position, {position});

/** Asks for the scores at the tokens. */
export const labelsSwitch = (text = words.labels) => element("label", {class: "ld-switch"}, element("input", {type: "checkbox", class: "ld-labels"}), text);
