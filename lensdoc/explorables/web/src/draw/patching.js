// The figure of kind `patching`: how much of an answer each exchanged part restores, and what the model then says.
// lensdoc/explorables/patching.py draws its first state alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {fixed, score} from "../shared.js";
import {direction} from "./characters.js";
import {quoted, wordElement} from "./display.js";
import {dataElement, element} from "./elements.js";
import {namedText} from "./exchange.js";
import {percent, said} from "./formats.js";
import {gridElement, readout} from "./grids.js";
import {level} from "./tints.js";

const SAID = words.patching;

/** @typedef {{ids: number[], probs: number[]}} Top */

/** @type {{cell: number | null}} */
export const options = {cell: null};

/**
 * @param {any} record
 * @param {typeof options} options
 */
export function draw(record, {cell}) {
  const {layers, values, tops, heads} = record, columns = columnsOf(record), chosen = chosenCell(record, cell);
  const rows = layers.map((/** @type {number} */ layer, /** @type {number} */ l) => [
    layer, values[l].map((/** @type {number} */ value, /** @type {number} */ c) => cellElement(value, Boolean(tops) && l * columns.length + c === chosen))
  ]);
  const caption = said(SAID.caption, {part: SAID[/** @type {"head"} */ (record.part)]});
  const grid = gridElement(columns.map((column) => head(record, column)), rows, caption, heads ? "head" : "token", {direction: heads ? "ltr" : direction(record.tokens)});
  return element(
    "lens-patching",
    {class: "ld-patching", "data-search-exclude": "", "data-estimate": record.estimate ? "" : null},
    legend(record),
    element("div", {class: "ld-panels"}, grid, ...(tops ? [outcomes(record, chosen)] : [])),
    readout(summary(record), tops ? SAID.choose : SAID.hint),
    ...(tops ? [dataElement(dataOf(record, chosen))] : [])
  );
}

/**
 * @param {any} record
 * @returns {number[]}
 */
const columnsOf = ({heads, positions}) => heads ?? positions;

/**
 * The cell that is chosen at first: where the last token first carries half of the answer, or the strongest one.
 * @param {any} record
 * @param {number | null} cell
 */
function chosenCell(record, cell) {
  const {layers, values, heads} = record, width = columnsOf(record).length, count = width * layers.length;
  if (cell !== null) {
    if (!Number.isInteger(cell) || cell >= count) throw new Error(said(SAID.noCell, {count, cell}));
    return cell;
  }
  const late = heads ? -1 : values.findIndex((/** @type {number[]} */ row) => row[row.length - 1] >= sizes.experiments.half);
  const [row, column] = strongest(values);
  return late < 0 ? row * width + column : late * width + width - 1;
}

/**
 * A token of the clean text, and below it that of the corrupt text where it is another; or a head's number.
 * @param {any} record
 * @param {number} column
 */
function head(record, column) {
  const name = {scope: "col", "data-name": columnName(record, column), "data-at": String(column)};
  if (record.heads) return element("th", name, String(column));
  const other = differs(record, column) ? [element("span", {class: "ld-other"}, wordElement(record.corrupt_tokens, column))] : [];
  return element("th", name, wordElement(record.tokens, column), ...other);
}

/**
 * @param {any} record
 * @param {number} position
 */
const differs = ({tokens, corrupt_tokens: other}, position) => tokens[position].id !== other[position].id;

/**
 * @param {any} record
 * @param {number} column
 */
function columnName(record, column) {
  if (record.heads) return said(SAID.column, {head: column});
  const token = said(words.grid.head, {token: quoted(record.tokens, column), position: column});
  return differs(record, column) ? said(SAID.other, {token, other: quoted(record.corrupt_tokens, column)}) : token;
}

/**
 * @param {number} value
 * @param {boolean} chosen
 */
const cellElement = (value, chosen) => element(
  "td", {"data-hue": value < 0 ? "2" : "1", "data-level": String(step(value)), "data-chosen": chosen ? "" : null}, hundredths(value)
);

/**
 * Step of the tint: the last for the whole difference and more.
 * @param {number} value
 */
const step = (value) => Math.min(sizes.tints.levels - 1, level(Math.abs(value), 1));

/** @param {number} value */
const hundredths = (value) => fixed(100 * value, 0);

/**
 * What the colours mean; below 0 the lowest value, where it has a colour.
 * @param {any} record
 */
function legend({values, estimate, heads}) {
  const low = Math.min(...values.flat());
  const swatches = [...(low < 0 && step(low) ? [low] : []), 0, 0.25, 0.5, 0.75, 1].map((value) => element(
    "span", {class: "ld-swatch", "data-hue": value < 0 ? "2" : "1", "data-level": String(step(value))}, hundredths(value)
  ));
  const below = heads ? [] : [element("span", null, SAID.below)];
  return element("p", {class: "ld-legend", style: "margin-bottom: 0.75em", "aria-hidden": "true"}, estimate ? SAID.estimated : SAID.restored, ...swatches, ...below);
}

/**
 * The most probable next tokens: of the corrupt text, with the chosen part exchanged, and of the clean text.
 * @param {any} record
 * @param {number} chosen
 */
function outcomes(record, chosen) {
  const width = columnsOf(record).length, row = Math.floor(chosen / width), column = chosen % width;
  const names = wordsOf(record), found = [record.corrupt_top, record.tops[row][column], record.clean_top];
  const lists = found.map((/** @type {Top | null} */ top) => (top ? top.ids.map((id, k) => `${names[id]} ${percent(top.probs[k])}`) : []));
  const heads = [SAID.after, said(SAID.with, {cell: cellName(record, row, column)}), SAID.clean];
  const rows = lists[0].map((_, k) => element("tr", null, ...lists.map((list) => element("td", null, list[k]))));
  const table = element(
    "table",
    {class: "ld-table", style: "width: 100%; border-bottom: 1px solid var(--ld-rule)"},
    element("caption", {class: "ld-unseen"}, SAID.next),
    element("thead", null, element("tr", null, ...heads.map((text) => element("th", {scope: "col"}, text)))),
    element("tbody", null, ...rows)
  );
  return element("div", {class: "ld-scroll ld-tops", style: "flex: 1 1 17em; font-size: 0.85em"}, table);
}

/**
 * @param {any} record
 * @param {number} row
 * @param {number} column
 */
const cellName = (record, row, column) => said(SAID.cell, {layer: record.layers[row], column: columnName(record, columnsOf(record)[column])});

/**
 * @param {any} record
 * @returns {Record<string, string>}
 */
const wordsOf = ({words: all}) => Object.fromEntries(all.map((/** @type {any} */ {id, text, bytes}) => [id, quoted([{id, text, kind: "output", bytes}], 0)]));

/**
 * @param {any} record
 * @param {number} chosen
 */
function dataOf(record, chosen) {
  const tops = record.tops.map((/** @type {Top[]} */ row) => row.map(({ids, probs}) => ids.map((id, k) => [id, percent(probs[k])])));
  return {chosen, words: wordsOf(record), tops};
}

/** @param {any} record */
function summary(record) {
  const {answer, wrong, clean, corrupt, values, estimate} = record, [row, column] = strongest(values);
  return said(estimate ? SAID.wouldRestore : SAID.restores, {
    answer: namedText(answer),
    wrong: namedText(wrong),
    clean: score(clean),
    corrupt: score(corrupt),
    cell: cellName(record, row, column),
    value: hundredths(values[row][column])
  });
}

/**
 * Row and column of the largest value.
 * @param {number[][]} values
 */
function strongest(values) {
  const top = Math.max(...values.flat()), row = values.findIndex((some) => some.includes(top));
  return [row, values[row].indexOf(top)];
}
