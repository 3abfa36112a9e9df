// The figure of kind `watch`: ranks of chosen tokens over the layers, as lines and as a table. lensdoc/explorables/watch.py draws its
// first state alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {direction} from "./characters.js";
import {apart, label} from "./charts.js";
import {quoted} from "./display.js";
import {element} from "./elements.js";
import {lineContent} from "./folds.js";
import {decimal, general, percent, said, thousands} from "./formats.js";
import {decades, gridElement, legend, rankCell, readout} from "./grids.js";
import {hue} from "./tints.js";

/** Texts stand beside each other where letters of a chart beside its table have 11 pixels. */
const BESIDE = "grid-template-columns: repeat(auto-fit, minmax(min(100%, 430px), 1fr))";
const {width, left, top, bottom, tick, name: longest, dashes} = sizes.watch;

/** @typedef {{tokens: import("./characters.js").Token[], position: number, ranks: number[][], probs: number[][]}} WatchedText */
/** @typedef {{height: number, right: number, x: (layer: number) => number, y: (rank: number) => number, end: number}} Scales */

export const options = {};

/** @param {any} record */
export function draw(record) {
  /** @type {WatchedText[]} */
  const all = [record, ...(record.beside ?? [])];
  const places = scalesOf(record, all), several = all.length > 1;
  const texts = all.map((text, i) => textPart(record, text, places, several ? i + 1 : null));
  const parts = several ? [element("div", {class: "ld-texts", style: BESIDE}, ...texts)] : texts;
  return element("lens-watch", {class: "ld-watch", "data-search-exclude": ""}, ...parts, legend(places.end), readout(summary(record, all), words.grid.hint));
}

/**
 * A prompt with its blank.
 * @param {import("./characters.js").Token[]} before
 * @param {string} [begin]
 */
export const blankTitle = (before, begin = "") => element(
  "p", {class: "ld-title", dir: direction(before)}, begin, ...lineContent(before), " ", element("span", {class: "ld-blank"}, "____")
);

/**
 * @param {any} record
 * @param {WatchedText} text
 * @param {Scales} places
 * @param {number | null} number that of the text, where there are several
 */
function textPart(record, text, places, number) {
  const where = number === null ? "" : said(words.watch.where, {number}), part = number === null ? null : `text=${number}`;
  const heads = namesOf(record).map((name, i) => element("th", {scope: "col", "data-name": name + where, "data-at": String(i + 1)}, element("span", {class: "ld-word"}, name)));
  const grid = gridElement(heads, rows(record, text, places.end), said(words.watch.caption, {where}), "word", {part});
  grid.setAttribute("style", "flex: auto");
  const title = blankTitle(text.tokens.slice(0, text.position));
  return element("div", {class: "ld-text"}, title, element("div", {class: "ld-panels"}, chart(record, text, places), grid));
}

/**
 * Ranks written out, as at the axis, on tints that end where the axis does.
 * @param {any} record
 * @param {WatchedText} text
 * @param {number} end
 * @returns {import("./grids.js").Row[]}
 */
const rows = (record, {ranks, probs}, end) => record.layers.map((/** @type {number} */ layer, /** @type {number} */ l) => [layer, ranks[l].map((rank, w) => {
  const cell = rankCell(rank, probs[l][w], end);
  cell.textContent = thousands(rank);
  cell.removeAttribute("data-rank");
  return cell;
})]);

/**
 * @param {any} record
 * @param {WatchedText[]} texts
 */
function summary(record, texts) {
  const found = texts.map((text, i) => (texts.length > 1 ? said(words.watch.in, {number: i + 1, ranks: lastOf(record, text)}) : lastOf(record, text)));
  const layer = record.layers[record.layers.length - 1];
  const after = layer === record.model.layers - 1 ? words.watch.last : said(words.watch.layer, {layer});
  return said(words.watch.summary, {after, texts: found.join("; ")});
}

/**
 * The tokens after the last layer, the best first.
 * @param {any} record
 * @param {WatchedText} text
 */
function lastOf(record, {ranks, probs}) {
  const last = ranks.length - 1;
  const found = namesOf(record).map((token, w) => ({token, rank: ranks[last][w], prob: probs[last][w]}));
  found.sort((a, b) => a.rank - b.rank || a.prob - b.prob || (a.token < b.token ? -1 : 1));
  return found.map(({token, rank, prob}) => said(words.watch.rank, {token, rank: thousands(rank), prob: percent(prob)})).join(", ");
}

/**
 * @param {any} record
 * @returns {string[]}
 */
const namesOf = (record) => record.watched.map((/** @type {any} */ {id, text}) => quoted([{id, text, kind: "output"}], 0));

/**
 * Places in the chart: layers across, ranks downwards on a logarithmic axis from 1 to a round number beyond all of them. Names have the
 * room that the longest takes, and of more layers the table beside it is higher.
 * @param {any} record
 * @param {WatchedText[]} texts
 * @returns {Scales}
 */
function scalesOf(record, texts) {
  const {lowest, highest, row, letter} = sizes.watch, {layers} = record;
  const end = roundRank(Math.max(...texts.flatMap(({ranks}) => ranks.flat()))), first = layers[0], last = layers[layers.length - 1];
  const height = Math.min(highest, Math.max(lowest, row * layers.length));
  const right = 12 + letter * Math.max(...namesOf(record).map((name) => [...short(name)].length));
  /** @param {number} layer */
  const x = (layer) => left + (layer - first) * (width - left - right) / Math.max(last - first, 1);
  /** @param {number} rank */
  const y = (rank) => top + (height - top - bottom) * Math.log(rank) / Math.log(end);
  return {height, right: x(last), x, y, end};
}

/**
 * The first of 10, 20, 50, 100 and so on that is not below a rank.
 * @param {number} rank
 */
function roundRank(rank) {
  const power = 10 ** Math.floor(Math.log10(Math.max(rank, 10)));
  return power * /** @type {number} */ ([1, 2, 5, 10].find((step) => power * step >= rank));
}

/**
 * @param {any} record
 * @param {WatchedText} text
 * @param {Scales} places
 */
const chart = (record, text, places) => element(
  "svg", {class: "ld-chart", viewBox: `0 0 ${width} ${places.height}`, style: "max-width: 20em", "aria-hidden": "true"}, ...axes(record, places), ...lines(record, text, places)
);

/**
 * @param {any} record
 * @param {Scales} places
 */
function axes(record, places) {
  const ranks = rankTicks(places).flatMap((rank) => {
    const at = decimal(places.y(rank), 1);
    const rule = element("line", {class: "ld-rule", x1: general(left), x2: decimal(places.right, 1), y1: at, y2: at});
    return [rule, label(thousands(rank), left - 8, places.y(rank) + 4, "end")];
  });
  return [
    ...ranks,
    ...layerTicks(record.layers, places).map((layer) => label(String(layer), places.x(layer), places.height - 22, "middle")),
    label(words.watch.across, (left + places.right) / 2, places.height - 4, "middle"),
    label(words.watch.down, 0, top - 16, "start")
  ];
}

/**
 * Powers of ten and the end, which drives away what would touch it.
 * @param {Scales} places
 */
const rankTicks = ({end, y}) => [1, ...decades(end).filter((rank) => y(end) - y(rank) >= sizes.chart.line), end];

/**
 * The first and the last layer, and between them as many as have room.
 * @param {number[]} layers
 * @param {Scales} places
 */
function layerTicks(layers, {x}) {
  const kept = [layers[layers.length - 1]];
  for (const layer of layers) if (kept.every((other) => Math.abs(x(layer) - x(other)) >= tick)) kept.push(layer);
  return kept.sort((a, b) => a - b);
}

/**
 * @param {any} record
 * @param {WatchedText} text
 * @param {Scales} places
 */
function lines(record, {ranks}, places) {
  const ends = apart(ranks[ranks.length - 1].map(places.y), sizes.chart.line, places.y(places.end));
  return namesOf(record).flatMap((name, w) => {
    const points = ranks.map((row, l) => `${decimal(places.x(record.layers[l]), 1)},${decimal(places.y(row[w]), 1)}`).join("L");
    const path = {class: "ld-series", "data-hue": hue(w + 1), "stroke-dasharray": dashes[w % dashes.length] || null, d: `M${points}`};
    return [element("path", path), label(short(name), places.right + 8, ends[w] + 4, "start", hue(w + 1))];
  });
}

/**
 * A name in quotation marks, cut where it is long.
 * @param {string} name
 */
function short(name) {
  const all = [...name];
  return all.length <= longest + 2 ? name : `${all.slice(0, longest).join("")}…’`;
}
