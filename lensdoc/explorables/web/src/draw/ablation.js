// The figure of kind `ablation`: a bar for each part, before the band of its random controls. lensdoc/explorables/ablation.py draws its
// first state alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {digits, fixed} from "../shared.js";
import {visible} from "./display.js";
import {dataElement, element} from "./elements.js";
import {namedText} from "./exchange.js";
import {decimal, general, said, thousands} from "./formats.js";
import {readout} from "./grids.js";

const SAID = words.ablation;
const {width: WIDTH, height: HEIGHT} = sizes.experiments;
const FINE = {"vector-effect": "non-scaling-stroke"};
const END = "text-align: end", LAST = `${END}; padding-inline-end: 0`;
/** @type {Record<string, string>} */
const NOUNS = {blocks: "block", heads: "head", neurons: "neuron"};

export const options = {};

/** @param {any} record */
export function draw(record) {
  const {parts} = record, [low, high] = boundsOf(record), [without, change, controls] = SAID.heads;
  const shown = writer(low, high);
  const head = [
    element("th", {scope: "col"}, without),
    element("th", {scope: "col", style: "width: 40%; min-width: 6em"}, axis(low, high, shown)),
    element("th", {scope: "col", style: END}, change),
    element("th", {scope: "col", style: LAST}, controls)
  ];
  const rows = parts.map((/** @type {unknown} */ _, /** @type {number} */ k) => row(record, k, low, high, shown));
  const table = element(
    "table",
    {class: "ld-table ld-bars", style: "width: 100%; max-width: 44em; font-size: 0.85em; border-bottom: 1px solid var(--ld-rule)"},
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
 * Changes with as many decimals each as the largest has of three digits, so that their points stand below each other.
 * @param {number} low
 * @param {number} high
 * @returns {(value: number) => string}
 */
function writer(low, high) {
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.max(-low, high))));
  if (decimals > sizes.experiments.decimals) return (value) => digits(value);
  return (value) => {
    const text = fixed(value, decimals);
    return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
  };
}

/**
 * What the ends of bars stand for, but for one too near to 0, and where 0 is.
 * @param {number} low
 * @param {number} high
 * @param {(value: number) => string} shown
 */
function axis(low, high, shown) {
  const place = -low / (high - low) + 0, first = place < sizes.experiments.near, last = place > 1 - sizes.experiments.near;
  const ends = [first ? "" : shown(low), last ? "" : shown(high)];
  const zero = `position: absolute; inset-inline-start: ${decimal(100 * place, 1)}%; translate: ${first ? 0 : last ? -100 : -50}%`;
  return element(
    "span",
    {style: "display: flex; justify-content: space-between; position: relative"},
    ...ends.map((end) => element("span", null, end)),
    element("span", {style: zero}, "0")
  );
}

/**
 * @param {any} record
 * @param {number} k
 * @param {number} low
 * @param {number} high
 * @param {(value: number) => string} shown
 */
function row({parts, changes, controls}, k, low, high, shown) {
  const name = element("th", {scope: "row"}, visible(parts[k].name), element("span", {class: "ld-figure"}, what(parts[k])));
  const bars = element("td", null, bar(changes[k], controls[k], low, high));
  return element("tr", null, name, bars, element("td", {style: END}, shown(changes[k])), element("td", {style: LAST}, rangeOf(controls[k], shown)));
}

/** @param {any} part */
function what({kind, size, layers, members}) {
  const where = layers.length === 1 ? said(SAID.layer, {layer: layers[0]}) : said(SAID.layers, {count: layers.length});
  if (kind === "blocks") return size === 1 ? said(SAID.block, {layer: layers[0]}) : said(SAID.blocks, {size});
  if (kind === "heads" && size === 1) return said(SAID.head, {head: members[0][1], layers: where});
  return said(SAID.part, {size: thousands(size), noun: NOUNS[kind] + (size === 1 ? "" : "s"), layers: where});
}

/**
 * @param {number[]} controls
 * @param {(value: number) => string} shown
 */
function rangeOf(controls, shown) {
  if (!controls.length) return SAID.none;
  const [low, high] = [Math.min(...controls), Math.max(...controls)].map(shown);
  return low === high ? low : said(SAID.axis, {low, high});
}

/**
 * From 0 to the change, before the band of the controls.
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
    parts.push(rect("ld-range ld-border", first, Math.max(last - first, 1), 1, HEIGHT - 2));
  }
  const [start, end] = [x(0), x(change)].sort((a, b) => a - b);
  parts.push(rect("ld-dot", start, Math.max(end - start, 1), 7, HEIGHT - 14));
  parts.push(element("path", {class: "ld-zero", d: `M${decimal(x(0), 1)},0V${HEIGHT}`, ...FINE}));
  return element("svg", {width: "100%", height: String(HEIGHT), viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", style: "display: block", "aria-hidden": "true"}, ...parts);
}

/**
 * @param {string} kind
 * @param {number} x
 * @param {number} width
 * @param {number} y
 * @param {number} height
 */
const rect = (kind, x, width, y, height) => element(
  "rect", {class: kind, "data-hue": "1", x: decimal(x, 1), width: decimal(width, 1), y: general(y), height: general(height), ...FINE}
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
  const count = controls[k].length, values = {part: visible(parts[k].name), what: what(parts[k]), change: digits(changes[k]), count, controls: rangeOf(controls[k], (value) => digits(value))};
  return said(count > 1 ? SAID.many : count ? SAID.one : SAID.alone, values);
}

/** @param {any} record */
function summary(record) {
  const {whole, replace, positions} = record;
  const at = positions?.length === 1 ? said(SAID.atOne, {position: positions[0]}) : said(SAID.atMany, {count: positions?.length});
  return said(SAID.summary, {outcome: outcome(record), whole: digits(whole), fill: replace === "mean" ? SAID.mean : SAID.zero, where: positions ? at : ""});
}
