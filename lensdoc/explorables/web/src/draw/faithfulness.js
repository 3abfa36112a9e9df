// The figure of kind `faithfulness`: the deletion curve of a saliency before those of random orders. lensdoc/explorables/faithfulness.py
// draws its first state alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {score} from "../shared.js";
import {direction} from "./characters.js";
import {drawChart, niceTicks} from "./charts.js";
import {quoted} from "./display.js";
import {dataElement, element} from "./elements.js";
import {lineContent} from "./folds.js";
import {said} from "./formats.js";
import {readout} from "./grids.js";
import {added} from "./scores.js";
import {tableDetails} from "./tables.js";

const SAID = words.faithfulness;

export const options = {};

/** @param {any} record */
export function draw(record) {
  const ranges = rangesOf(record), chart = drawChart(chartOf(record, ranges));
  /** @type {number[]} */
  const steps = [...record.removed.keys()];
  return element(
    "lens-faithfulness",
    {class: "ld-faithfulness", "data-search-exclude": ""},
    title(record),
    chart.element,
    readout(summary(record), words.curve.hint),
    tableDetails(words.curve.table, SAID.heads, steps.map((step) => row(record, ranges, step))),
    dataElement({at: chart.at, said: steps.map((step) => told(record, ranges, step)), name: "step"})
  );
}

/** @param {any} record */
function title({tokens, target}) {
  const first = Math.max(0, target - sizes.experiments.words), before = tokens.slice(first, target);
  const strong = element("strong", null, ...lineContent(tokens.slice(target, target + 1)));
  return element("p", {class: "ld-title", dir: direction(before)}, first ? "…" : "", ...lineContent(before), strong);
}

/** @typedef {{low: number[], high: number[], mean: number[]}} Ranges lowest, highest and mean of random orders at each step */

/**
 * @param {any} record
 * @returns {Ranges}
 */
function rangesOf({removed, random}) {
  /** @type {number[][]} */
  const columns = removed.map((/** @type {unknown} */ _, /** @type {number} */ step) => random.map((/** @type {number[]} */ order) => order[step]));
  return {
    low: columns.map((column) => Math.min(...column)),
    high: columns.map((column) => Math.max(...column)),
    mean: columns.map((column) => added(column) / column.length)
  };
}

/**
 * @param {any} record
 * @param {Ranges} ranges
 * @returns {import("./charts.js").Chart}
 */
function chartOf({removed, curve, single}, {low, high, mean}) {
  const last = removed[removed.length - 1];
  const places = (last ? niceTicks(0, last) : [0]).filter(Number.isInteger);
  return {
    places: removed,
    series: [{name: SAID.order, values: curve}, {name: SAID.random, values: mean, dashes: "6 3", hue: "2"}],
    across: SAID.across,
    down: SAID.down,
    ticks: places.map((place) => [place, String(place)]),
    band: [low, high],
    dots: last >= 1 ? [[1, single]] : []
  };
}

/**
 * @param {any} record
 * @param {Ranges} ranges
 * @param {number} step
 */
function told({tokens, removed, order, curve}, {low, high}, step) {
  const count = removed[step];
  return said(SAID.told, {
    tokens: count === 1 ? SAID.one : said(SAID.many, {count}),
    last: count ? said(SAID.last, {token: quoted(tokens, order[count - 1])}) : "",
    value: score(curve[step]),
    low: score(low[step]),
    high: score(high[step])
  });
}

/**
 * @param {any} record
 * @param {Ranges} ranges
 * @param {number} step
 */
function row({tokens, removed, order, curve}, {low, high}, step) {
  const count = removed[step];
  return [String(count), score(curve[step]), said(SAID.range, {low: score(low[step]), high: score(high[step])}), count ? quoted(tokens, order[count - 1]) : ""];
}

/** @param {any} record */
function summary({tokens, single_position: single, order, random, curve, removed, method, target}) {
  const below = curve.filter((/** @type {number} */ value, /** @type {number} */ s) => removed[s] && random.every((/** @type {number[]} */ other) => value < other[s])).length;
  return said(SAID.summary, {
    method: method.replaceAll("_", " ").replaceAll(" x ", " × "),
    token: quoted(tokens, target),
    count: random.length,
    below,
    steps: removed.length - 1,
    single: quoted(tokens, single),
    agrees: order[0] === single ? SAID.agrees : said(SAID.differs, {first: quoted(tokens, order[0])})
  });
}
