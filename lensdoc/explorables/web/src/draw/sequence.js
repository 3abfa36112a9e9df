// The figure of kind `sequence`: the tokens, and how probable each produced one was. lensdoc/explorables/sequence.py draws its first state
// alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {quoted} from "./display.js";
import {dataElement, element} from "./elements.js";
import {percent, said, thousands} from "./formats.js";
import {readout} from "./grids.js";
import {leastProbable, windowed} from "./passages.js";
import {sequenceElement} from "./sequences.js";
import {tableDetails} from "./tables.js";
import {level} from "./tints.js";

/** @type {{labels: "none" | "positions" | "ids" | "probabilities"}} */
export const options = {labels: "none"};

/**
 * @param {any} record
 * @param {typeof options} options
 */
export function draw(record, {labels}) {
  const {tokens, targets, probs} = record;
  const where = new Map(targets.map((/** @type {number} */ target, /** @type {number} */ index) => [target, index]));
  /** @type {Record<string, (position: number) => string | null>} */
  const texts = {
    none: () => null,
    positions: String,
    ids: (p) => String(tokens[p].id),
    probabilities: (p) => (where.has(p) ? percent(probs[where.get(p)]) : null)
  };

  /** @param {number} position */
  const attributes = (position) => {
    const shade = Math.floor(level(probs[where.get(position)], 1) * sizes.tints.pale / sizes.tints.levels);
    return {"data-share": texts[labels](position), ...(where.has(position) ? {"data-hue": "1", "data-level": String(shade)} : {})};
  };
  const labelled = tokens.some((/** @type {unknown} */ _, /** @type {number} */ p) => texts[labels](p) !== null);
  return element(
    "lens-sequence",
    {class: "ld-sequence ld-scored", "data-search-exclude": "", "data-labelled": labelled ? "" : null},
    windowed(tokens, sequenceElement(tokens, attributes)),
    ...leastProbable(tokens, targets.map((/** @type {number} */ t, /** @type {number} */ i) => [t, percent(probs[i])]), probs),
    readout(summary(record), words.sequence.hint),
    ...(targets.length ? [tableDetails(words.sequence.table, words.sequence.heads, rows(record))] : []),
    dataElement(dataOf(record))
  );
}

/** @param {any} record */
function dataOf({tokens, targets, probs, ranks}) {
  /** @param {string[]} texts */
  const byTarget = (texts) => Object.fromEntries(targets.map((/** @type {number} */ t, /** @type {number} */ i) => [t, texts[i]]));
  return {ids: tokens.map((/** @type {any} */ token) => token.id), probs: byTarget(probs.map(percent)), ranks: byTarget(ranks.map(thousands))};
}

/** @param {any} record */
function summary({tokens, targets, probs}) {
  if (!targets.length) return said(words.sequence.given, {count: tokens.length});
  const least = probs.indexOf(probs.reduce((/** @type {number} */ a, /** @type {number} */ b) => Math.min(a, b)));
  return said(words.sequence.summary, {token: quoted(tokens, targets[least]), prob: percent(probs[least])});
}

/**
 * @param {any} record
 * @returns {string[][]}
 */
const rows = ({tokens, targets, probs, ranks}) => targets.map((/** @type {number} */ t, /** @type {number} */ i) => [
  `${t} ${quoted(tokens, t)}`, String(tokens[t].id), percent(probs[i]), thousands(ranks[i])
]);
