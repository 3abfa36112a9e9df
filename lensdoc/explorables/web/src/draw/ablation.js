// The figure of kind `ablation`: a bar for each part, before the band of its random controls. lensdoc/explorables/ablation.py draws its
// first state alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {digits} from "../shared.js";
import {visible} from "./display.js";
import {dataElement, element} from "./elements.js";
import {namedText} from "./exchange.js";
import {decimal, general, said, thousands} from "./formats.js";
import {readout} from "./grids.js";

const SAID = words.ablation;
const {width: WIDTH, height: HEIGHT} = sizes.experiments;
const FINE = {"vector-effect": "non-scaling-stroke"};
/** @type {Record<string, string>} */
const NOUNS = {blocks: "block", heads: "head", neurons: "neuron"};

export const options = {};

/** @param {any} record */
export function draw(record) {
  const {parts} = record, [low, high] = boundsOf(record), [without, change, controls] = SAID.heads;
  const heads = [[without], [said(SAID.scale, {low: digits(low), high: digits(high)}), "width: 45%; min-width: 6em"], [change], [controls]];
  const head = heads.map(([name, style = null]) => element("th", {scope: "col", style}, /** @type {string} */ (name)));
  const rows = parts.map((/** @type {unknown} */ _, /** @type {number} */ k) => row(record, k, low, high));
  const table = element(
    "table",
    {class: "ld-table ld-bars", style: "width: 100%; max-width: 44em; font-size: 0.85em"},
    element("caption", {class: "ld-unseen"}, said(SAID.caption, {outcome: outcome(record)})),
    element("thead", null, element("tr", null, ...head)),
    element("tbody", null, ...rows)
  );
  return element(
    "lens-ablation",
    {class: "ld-ablation", "data-search-exclude": ""},
    element("div", {class: "ld-scroll"}, table),
    readout(summary(record), words["logit-attribution"].hint),
    dataElement({said: parts.map((/** @type {unknown} */ _, /** @type {number} */ k) => told(record, k))})
  );
}

/** @param {any} record */
function boundsOf({changes, controls}) {
  const every = [0, ...changes, ...controls.flat()], low = Math.min(...every), high = Math.max(...every);
  return high > low ? [low, high] : [low - 1, high];
}

/**
 * @param {any} record
 * @param {number} k
 * @param {number} low
 * @param {number} high
 */
function row({parts, changes, controls}, k, low, high) {
  const name = element("th", {scope: "row"}, visible(parts[k].name), element("span", {class: "ld-figure"}, what(parts[k])));
  const bars = element("td", null, bar(changes[k], controls[k], low, high));
  return element("tr", null, name, bars, element("td", null, digits(changes[k])), element("td", null, rangeOf(controls[k])));
}

/** @param {any} part */
function what({kind, size, layers, members}) {
  const where = layers.length === 1 ? said(SAID.layer, {layer: layers[0]}) : said(SAID.layers, {count: layers.length});
  if (kind === "blocks") return size === 1 ? said(SAID.block, {layer: layers[0]}) : said(SAID.blocks, {size});
  if (kind === "heads" && size === 1) return said(SAID.head, {head: members[0][1], layers: where});
  return said(SAID.part, {size: thousands(size), noun: NOUNS[kind] + (size === 1 ? "" : "s"), layers: where});
}

/** @param {number[]} controls */
function rangeOf(controls) {
  if (!controls.length) return SAID.none;
  const [low, high] = [Math.min(...controls), Math.max(...controls)].map((value) => digits(value));
  return low === high ? low : said(SAID.axis, {low, high});
}

/**
 * From 0 to the change, before the band of the controls, with a stroke for each.
 * @param {number} change
 * @param {number[]} controls
 * @param {number} low
 * @param {number} high
 */
function bar(change, controls, low, high) {
  /** @param {number} value */
  const x = (value) => WIDTH * (value - low) / (high - low);
  const parts = [];
  if (controls.length) {
    const first = x(Math.min(...controls)), last = x(Math.max(...controls));
    parts.push(rect("ld-range", first, Math.max(last - first, 1), 1, HEIGHT - 2));
    parts.push(element("path", {class: "ld-boundary", d: controls.map((value) => `M${decimal(x(value), 1)},1V${HEIGHT - 1}`).join(""), ...FINE}));
  }
  const [start, end] = [x(0), x(change)].sort((a, b) => a - b);
  parts.push(rect("ld-dot", start, Math.max(end - start, 1), 7, HEIGHT - 14));
  parts.push(element("path", {class: "ld-zero", d: `M${decimal(x(0), 1)},0V${HEIGHT}`, ...FINE}));
  return element("svg", {width: "100%", height: String(HEIGHT), viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true"}, ...parts);
}

/**
 * @param {string} kind
 * @param {number} x
 * @param {number} width
 * @param {number} y
 * @param {number} height
 */
const rect = (kind, x, width, y, height) => element(
  "rect", {class: kind, "data-hue": "1", x: decimal(x, 1), width: decimal(width, 1), y: general(y), height: general(height)}
);

/** @param {any} record */
function outcome({starts, answer, wrong, outcome: of}) {
  const several = starts.length > 1;
  if (answer === null) return said(of === "log_prob" ? SAID.logProb : SAID.prob, {texts: several ? SAID.probTexts : ""});
  const less = wrong === null ? "" : said(SAID.less, {wrong: namedText(wrong)});
  return said(SAID.answer, {answer: namedText(answer), less, texts: several ? SAID.answerTexts : ""});
}

/**
 * @param {any} record
 * @param {number} k
 */
function told({parts, changes, controls}, k) {
  const count = controls[k].length, values = {part: visible(parts[k].name), what: what(parts[k]), change: digits(changes[k]), count, controls: rangeOf(controls[k])};
  return said(count > 1 ? SAID.many : count ? SAID.one : SAID.alone, values);
}

/** @param {any} record */
function summary(record) {
  const {whole, replace, positions} = record;
  const at = positions?.length === 1 ? said(SAID.atOne, {position: positions[0]}) : said(SAID.atMany, {count: positions?.length});
  return said(SAID.summary, {outcome: outcome(record), whole: digits(whole), fill: replace === "mean" ? SAID.mean : SAID.zero, where: positions ? at : ""});
}
