// The figure of kind `predictions`: the most probable tokens after every layer, with bars. lensdoc/explorables/predictions.py draws its
// first state alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {quoted, wordElement} from "./display.js";
import {element} from "./elements.js";
import {decimal, percent, said} from "./formats.js";
import {gridElement, readout} from "./grids.js";
import {blankTitle} from "./watch.js";

export const options = {};

/** @param {any} record */
export function draw(record) {
  const parts = record.positions.flatMap((/** @type {number} */ _, /** @type {number} */ index) => [title(record, index), grid(record, index)]);
  return element("lens-predictions", {class: "ld-predictions", "data-search-exclude": ""}, ...parts, readout(said(words.predictions.summary, {lens: words.predictions.logit}), words.grid.hint, "", onPaper(record)));
}

/** @param {any} record */
function onPaper(record) {
  const all = widthOf(record), count = sizes.grid.paper;
  return all > count ? said(words.predictions.paper, {count, all}) : "";
}

/** @param {any} record */
const widthOf = ({positions, layers, ids}) => (positions.length && layers.length ? ids[0][0].length : 0);

/**
 * @param {any} record
 * @param {number} index
 */
function title(record, index) {
  const position = record.positions[index], most = sizes.grid.before;
  /** @type {number[]} */
  const own = [...record.tokens.keys()].slice(0, position).filter((p) => record.tokens[p].kind !== "template").slice(-most);
  const before = record.tokens.slice(own.length === most ? own[0] : 0, position);
  return blankTitle(before, position > before.length ? "…" : "");
}

/**
 * @param {any} record
 * @param {number} index
 */
function grid(record, index) {
  const heads = Array.from({length: widthOf(record)}, (_, k) => element("th", {scope: "col", "data-name": said(words.predictions.head, {rank: k + 1}), "data-at": String(k + 1)}, String(k + 1)));
  const rows = record.layers.map((/** @type {number} */ layer, /** @type {number} */ row) => [layer, cells(record, index, row)]);
  const position = record.positions[index], part = record.positions.length > 1 ? `position=${position}` : null;
  return gridElement(heads, rows, said(words.predictions.caption, {position}), "place", {part});
}

/**
 * @param {any} record
 * @param {number} index
 * @param {number} row
 * @returns {Element[]}
 */
function cells(record, index, row) {
  return record.ids[index][row].map((/** @type {number} */ id, /** @type {number} */ k) => {
    const token = {id, text: record.texts[index][row][k], kind: "output", bytes: record.bytes?.[index][row][k] ?? null};
    const prob = record.probs[index][row][k], shown = percent(prob);
    const figure = element("span", {class: "ld-figure"}, shown);
    return element("td", {"data-p": shown, style: `--ld-bar: ${decimal(prob, 4)}`}, shortWord(token), figure);
  });
}

/**
 * A token as short as its cell: what cannot be seen has its code alone, and its name where it is read out.
 * @param {import("./characters.js").Token} token
 */
function shortWord(token) {
  const word = wordElement([token], 0);
  for (const glyph of word.querySelectorAll(".ld-bytes")) {
    const [code, ...name] = (glyph.textContent ?? "").split(" ");
    if (!code.startsWith("U+") || !name.length) continue;
    glyph.textContent = code;
    word.setAttribute("data-said", quoted([token], 0));
  }
  return word;
}
