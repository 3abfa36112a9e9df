// The figure of kind `logit-attribution`: parts as bars, each of which begins where the one before ended, down to their sum.
// lensdoc/explorables/logit_attribution.py draws its first state alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {score} from "../shared.js";
import {quoted} from "./display.js";
import {element} from "./elements.js";
import {decimal, said} from "./formats.js";
import {readout} from "./grids.js";
import {added} from "./scores.js";
import {blankTitle} from "./watch.js";

const SAID = words["logit-attribution"];

/** @typedef {{name: string, value: number, before: number, rest?: boolean, part?: number}} Row a bar, and the sum of the rows above */

/** @typedef {{order: "model" | "size", rows: number | null}} Options */

/** @type {Options} */
export const options = {order: "model", rows: null};

/**
 * @param {any} record
 * @param {Options} options
 */
export function draw(record, options) {
  const rows = rowsOf(record, options), ends = [0, ...rows.map(({before, value}) => before + value)];
  const low = Math.min(...ends), high = Math.max(...ends), {total} = record;
  const bars = rows.map((row) => bar(row, low, high, said(SAID.soFar, {part: row.name, value: signed(row.value), sum: score(row.before + row.value), total: score(total)})));
  const sum = bar({name: SAID.sum, value: total, before: 0}, low, high, said(SAID.told, {part: SAID.sum, value: signed(total)}));
  sum.setAttribute("class", "ld-step ld-sum");
  return element(
    "lens-logit-attribution",
    {class: "ld-logit-attribution", "data-search-exclude": ""},
    blankTitle(record.tokens.slice(0, record.position)),
    element("div", {class: "ld-waterfall", style: "font-size: 0.8em; line-height: 1.4", "data-list": said(SAID.list, {of: of(record)}), "data-across": "part"}, ...bars, sum),
    readout(summary(record, rows), SAID.hint)
  );
}

/**
 * Parts in the order in which the model adds them, or by size; small ones of many parts together at the end.
 * @param {any} record
 * @param {Options} options
 * @returns {Row[]}
 */
function rowsOf({parts, values}, {order, rows}) {
  const most = rows || (values.length <= sizes.parts.most ? sizes.parts.most : sizes.parts.largest);
  /** @type {number[]} */
  const bySize = [...values.keys()].sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]) || a - b);
  const kept = bySize.slice(0, most), others = bySize.slice(most);
  if (order === "model") kept.sort((a, b) => a - b);
  /** @type {Omit<Row, "before">[]} */
  const named = kept.map((k) => ({name: nameOf(parts[k]), value: values[k], rest: false, part: k + 1}));
  if (others.length) named.push({name: said(SAID.others, {count: others.length}), value: added(others.map((k) => values[k])), rest: true});
  let sum = 0;
  return named.map((row) => {
    const before = sum;
    sum += row.value;
    return {...row, before};
  });
}

/**
 * What a part is called.
 * @param {{kind: string, layer?: number | null, head?: number | null}} part
 */
function nameOf({kind, layer, head}) {
  if (layer === undefined || layer === null) return kind === "bias" ? "biases" : kind;
  return kind === "head" ? `L${layer}H${head}` : `L${layer} ${kind === "ffn" ? "FFN" : kind}`;
}

/**
 * @param {Row} row
 * @param {number} low
 * @param {number} high
 * @param {string} told
 */
function bar({name, value, before, part}, low, high, told) {
  const span = high - low || 1, [start, end] = [before, before + value].sort((a, b) => a - b);
  const style = `--ld-from: ${decimal((start - low) / span, 4)}; --ld-size: ${decimal((end - start) / span, 4)}; --ld-zero: ${decimal(-low / span + 0, 4)}`;
  return element(
    "div",
    {class: "ld-step", "data-told": told, "data-at": part ? String(part) : null},
    element("span", null, name),
    element("span", {class: "ld-track", style, "data-hue": value < 0 ? "2" : "1"}),
    " ",
    element("span", {class: "ld-value"}, signed(value))
  );
}

/** @param {number} value */
function signed(value) {
  const text = score(value);
  return value <= 0 || /^[0.]*$/.test(text) ? text : `+${text}`;
}

/** @param {{id: number, text: string}} watched */
const tokenOf = ({id, text}) => quoted([{id, text, kind: "output"}], 0);

/**
 * What the parts sum to, in words.
 * @param {any} record
 */
function of({answer, wrong}) {
  return wrong ? said(SAID.wrong, {answer: tokenOf(answer), wrong: tokenOf(wrong)}) : said(SAID.mean, {answer: tokenOf(answer)});
}

/**
 * @param {any} record
 * @param {Row[]} rows
 */
function summary(record, rows) {
  const most = rows.filter(({rest}) => !rest).reduce((a, b) => (Math.abs(b.value) > Math.abs(a.value) ? b : a));
  const taken = record.wrong ? "" : said(SAID.taken, {mean: score(record.mean)});
  return said(SAID.summary, {total: score(record.total), of: of(record), taken, part: most.name, value: signed(most.value)});
}
