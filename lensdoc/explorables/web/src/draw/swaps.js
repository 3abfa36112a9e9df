// Tokens put in place of others, in the figure of a saliency. lensdoc/explorables/swaps.py draws them alike.
import words from "../../../words.json" with {type: "json"};
import {score} from "../shared.js";
import {quoted} from "./display.js";
import {element} from "./elements.js";
import {said} from "./formats.js";

/** @typedef {{position: number, id: number, text: string}} Swap */

/**
 * The table of all exchanges, with the numbers of one target.
 * @param {any} record
 * @param {number} index
 */
export function exchanges(record, index) {
  const texts = cells(record, index);
  const rows = record.to.map((/** @type {Swap} */ swap, /** @type {number} */ number) => element(
    "tr",
    null,
    element("th", {scope: "row"}, said(words.swaps.row, {named: named(record, swap), position: swap.position})),
    ...texts[number].map((text) => element("td", null, text))
  ));
  const head = element("tr", null, ...words.swaps.heads.map((text) => element("th", {scope: "col"}, text)));
  const caption = element("caption", {class: "ld-unseen"}, words.swaps.caption);
  const table = element("table", {class: "ld-table"}, caption, element("thead", null, head), element("tbody", null, ...rows));
  return element("div", {class: "ld-swaps ld-scroll"}, table);
}

/**
 * Of each exchange the estimate and the change, as texts; dashes where it does not stand before the target.
 * @param {any} record
 * @param {number} index
 * @returns {string[][]}
 */
export const cells = ({targets, scores, changes, to}, index) => to.map((/** @type {Swap} */ {position}, /** @type {number} */ number) => (
  position >= targets[index] ? [score(NaN), score(NaN)] : [score(scores[index][position]), score(changes[index][number])]
));

/**
 * What the exchanges before a target do change, as a sentence.
 * @param {any} record
 * @param {number} index
 */
export function truth(record, index) {
  const told = record.to.flatMap((/** @type {Swap} */ swap, /** @type {number} */ number) => (
    swap.position < record.targets[index] ? [`${named(record, swap)} ${score(record.changes[index][number])}`] : []
  ));
  return told.length ? said(words.swaps.truth, {told: told.join(", ")}) : words.swaps.none;
}

/**
 * Both tokens.
 * @param {any} record
 * @param {Swap} swap
 */
const named = (record, swap) => `${quoted(record.tokens, swap.position)} → ${quoted([{...swap, kind: "output"}], 0)}`;
