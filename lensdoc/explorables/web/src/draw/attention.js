// The figure of kind `attention`: a grid of all heads, one of them enlarged, and the arcs of one token. lensdoc/explorables/attention.py
// draws its first state alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {share} from "../shared.js";
import {arcsElement} from "./arcs.js";
import {codesOf, packed, picture, strip, weightOf} from "./attention-codes.js";
import {direction} from "./characters.js";
import {quoted, word, wordElement} from "./display.js";
import {dataElement, element} from "./elements.js";
import {decimal, said, thousands} from "./formats.js";
import {readout} from "./grids.js";
import {heatRamp} from "./images.js";
import {tableDetails} from "./tables.js";

const SAID = words.attention, SIZES = sizes.attention;
const RAMP = `width: 5em; background: ${heatRamp(0, 1, 1)}`;

/** @typedef {import("./attention-codes.js").Codes} Codes */
/** @typedef {{layer: number, head: number, query: number}} Shown what is enlarged: places in the record */

/** @typedef {{layer: number | null, head: number | null, token: number | null}} Options */

/** @type {Options} */
export const options = {layer: null, head: null, token: null};

/**
 * @param {any} record
 * @param {Options} options
 */
export function draw(record, options) {
  const {tokens, layers, heads} = record;
  const count = tokens.length * (tokens.length + 1) / 2 * layers.length * heads.length;
  if (count > SIZES.codes) throw new Error(said(SAID.most, {most: thousands(SIZES.codes), count: thousands(count)}));
  /** @type {Codes[][]} */
  const codes = record.weights.map((/** @type {string[]} */ layer) => layer.map(codesOf));
  const shown = shownOf(record, options), {layer, head, query} = shown;
  const row = codes[layer][head][query].map(weightOf);
  const legend = element("p", {class: "ld-legend", "aria-hidden": "true"}, SAID.legend, element("span", {class: "ld-ramp", style: RAMP}), SAID.whole);
  const name = element("p", {class: "ld-title"}, nameOf(record, shown));
  const enlarged = element("div", {class: "ld-enlarged"}, name, matrix(record, codes[layer][head]), legend);
  const title = element("p", {class: "ld-title"}, said(SAID.from, {query, token: quoted(tokens, query)}));
  const arcs = element("div", {class: "ld-arcpanel"}, title, arcsElement(tokens, query, row));
  return element(
    "lens-attention",
    {class: "ld-attention", "data-search-exclude": ""},
    element("div", {class: "ld-panels"}, grid(record, codes, shown), element("div", {class: "ld-panels"}, enlarged, arcs)),
    readout(`${summary(record)} ${described(record, shown, row)}`, SAID.hint),
    tableDetails(SAID.table, SAID.heads, rows(record)),
    dataElement(dataOf(record, codes, shown))
  );
}

/**
 * The head that was chosen, else that with the highest induction score; the last token unless another was chosen.
 * @param {any} record
 * @param {Options} options
 * @returns {Shown}
 */
function shownOf({head_scores: scores, layers, heads, tokens}, {layer, head, token}) {
  /** @type {number[][]} */
  const best = scores.induction ?? scores.first;
  const top = Math.max(...best.flat()), first = best.findIndex((row) => row.includes(top));
  return {
    layer: chosen("layer", layers, layer) ?? first,
    head: chosen("head", heads, head) ?? best[first].indexOf(top),
    query: chosen("token", [...tokens.keys()], token) ?? tokens.length - 1
  };
}

/**
 * @param {string} option
 * @param {number[]} valid
 * @param {number | null} value
 */
function chosen(option, valid, value) {
  if (value === null) return null;
  if (!valid.includes(value)) throw new Error(said(SAID.noChoice, {option, valid: some(valid), value}));
  return valid.indexOf(value);
}

/** @param {number[]} valid */
function some(valid) {
  const follow = valid.length > 1 && valid.every((value, i) => value === valid[0] + i);
  return follow ? said(SAID.range, {first: valid[0], last: valid[valid.length - 1]}) : valid.join(", ");
}

/**
 * @param {any} record
 * @param {{layer: number, head: number}} shown
 */
const nameOf = (record, {layer, head}) => said(SAID.name, {layer: record.layers[layer], head: record.heads[head]});

/**
 * The scores of a head in words.
 * @param {any} record
 * @param {number} layer
 * @param {number} head
 */
function scored({head_scores: scores}, layer, head) {
  const names = /** @type {const} */ (["first", "previous", "induction"]);
  return names.filter((name) => scores[name]).map((name) => said(SAID[name], {share: share(scores[name][layer][head])})).join(", ");
}

/**
 * A small picture of each head; rows are layers.
 * @param {any} record
 * @param {Codes[][]} codes
 * @param {Shown} shown
 */
function grid(record, codes, shown) {
  const {layers, heads} = record, count = heads.length;
  const names = heads.map((/** @type {number} */ head) => element("th", {scope: "col", "data-name": said(SAID.head, {head}), "data-at": String(head)}, `H${head}`));
  const lines = layers.map((/** @type {number} */ number, /** @type {number} */ layer) => {
    const cells = heads.map((/** @type {number} */ _, /** @type {number} */ head) => element("td", {
      "data-said": scored(record, layer, head),
      "data-chosen": layer === shown.layer && head === shown.head ? "" : null,
      style: `--ld-x: ${decimal(head / Math.max(count - 1, 1), 4)}`
    }));
    return element("tr", {style: `--ld-strip: url(${strip(codes[layer])}); --ld-count: ${count}`}, element("th", {scope: "row"}, String(number)), ...cells);
  });
  const table = element(
    "table",
    {class: "ld-grid ld-headgrid", "data-across": "head"},
    element("caption", {class: "ld-unseen"}, SAID.caption),
    element("thead", null, element("tr", null, element("td", {class: "ld-corner"}, words.grid.corner), ...names)),
    element("tbody", null, ...lines)
  );
  return element("div", null, element("p", {class: "ld-title"}, SAID.all), element("div", {class: "ld-frame"}, table));
}

/**
 * The enlarged head: queries down, the tokens that they attend to across.
 * @param {any} record
 * @param {Codes} codes
 */
function matrix({tokens}, codes) {
  const count = tokens.length, height = Math.max(1, Math.min(SIZES.tallest, Math.floor(SIZES.room / count))), labelled = count <= SIZES.heads;
  /** @type {number[]} */
  const all = [...tokens.keys()];
  const ends = [said(words.position, {position: 0}), String(count - 1)].map((end) => element("span", null, end));
  const heads = labelled ? all.map((position) => element("span", {class: "ld-head"}, wordElement(tokens, position))) : ends;
  const sides = labelled && height >= SIZES.label ? all.map((position) => element("span", {class: "ld-band ld-word", style: "--ld-size: 1"}, word(tokens, position))) : [];
  const size = `--ld-height: ${height * count}px; --ld-least: ${height}px; --ld-most: ${height}px`;
  const style = `--ld-columns: ${count}; --ld-lines: ${count}; ${size}; --ld-side: ${sides.length ? "7em" : "1em"}`;
  const heat = element(
    "div",
    {class: `ld-heat ${labelled ? "ld-turned" : "ld-far"}`, style},
    element("div", {class: "ld-heads", "aria-hidden": "true"}, ...heads),
    element("div", {class: "ld-bands", "aria-hidden": "true"}, ...sides),
    element("div", {class: "ld-plot", role: "img", "aria-label": SAID.picture}, element("img", {alt: "", src: picture(codes)}))
  );
  return element("div", {class: "ld-frame", dir: direction(tokens)}, heat);
}

/**
 * What a token attends to, in words.
 * @param {any} record
 * @param {Shown} shown
 * @param {number[]} row
 */
function described(record, shown, row) {
  const {tokens} = record, order = [...row.keys()].sort((a, b) => row[b] - row[a] || a - b).slice(0, SIZES.named);
  const keys = order.map((k) => said(SAID.key, {token: quoted(tokens, k), position: k, share: share(row[k])})).join(", ");
  return said(SAID.described, {name: nameOf(record, shown), query: shown.query, token: quoted(tokens, shown.query), keys});
}

/**
 * How much rests on the first token, in words; and that colours follow the square root.
 * @param {any} record
 */
function summary({facts: {first_share: rests, even_share: even}}) {
  if (typeof rests !== "number") return SAID.colour;
  return `${SAID.colour} ${said(SAID.rests, {share: share(rests)})}${typeof even === "number" ? said(SAID.even, {share: share(even)}) : ""}.`;
}

/**
 * @param {any} record
 * @returns {string[][]}
 */
function rows({layers, heads, head_scores: {first, previous, induction}}) {
  return layers.flatMap((/** @type {number} */ number, /** @type {number} */ layer) => heads.map((/** @type {number} */ index, /** @type {number} */ head) => [
    `L${number}H${index}`, ...[first, previous, induction].map((one) => (one ? decimal(one[layer][head], 2) : "–"))
  ]));
}

/**
 * @param {any} record
 * @param {Codes[][]} codes
 * @param {Shown} shown
 */
function dataOf(record, codes, {layer, head, query}) {
  const {layers, heads, tokens} = record;
  /** @type {number[]} */
  const positions = [...tokens.keys()];
  return {
    layers,
    heads,
    words: positions.map((position) => word(tokens, position)),
    quoted: positions.map((position) => quoted(tokens, position)),
    codes: codes.map((some) => some.map(packed)),
    shown: [layer, head, query],
    summary: summary(record)
  };
}
