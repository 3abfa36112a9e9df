// The figure of kind `exchange`: the outcome on the way from one word to another, its tangent, and what gradient x input says.
// lensdoc/explorables/exchange.py draws its first state alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {fixed, score} from "../shared.js";
import {direction} from "./characters.js";
import {drawChart} from "./charts.js";
import {quoted} from "./display.js";
import {dataElement, element} from "./elements.js";
import {lineContent} from "./folds.js";
import {said, wholePercent} from "./formats.js";
import {readout} from "./grids.js";
import {tableDetails} from "./tables.js";

const SAID = words.exchange;

export const options = {};

/** @param {any} record */
export function draw(record) {
  const {steps, curve} = record, straight = firstOrder(record), chart = drawChart(chartOf(record));
  const told = steps.map((/** @type {number} */ step, /** @type {number} */ i) => said(SAID.told, {way: fixed(100 * step, 0), value: score(curve[i]), straight: score(straight[i])}));
  const rows = steps.map((/** @type {number} */ step, /** @type {number} */ i) => [`${fixed(100 * step, 0)}%`, score(curve[i]), score(straight[i])]);
  return element(
    "lens-exchange",
    {class: "ld-exchange", "data-search-exclude": ""},
    title(record),
    chart.element,
    readout(summary(record), words.curve.hint),
    tableDetails(words.curve.table, SAID.heads, rows),
    dataElement({at: chart.at, said: told, name: "step"})
  );
}

/**
 * The text, with the token that is exchanged and what takes its place.
 * @param {any} record
 */
function title({tokens, position, other}) {
  const own = element("strong", null, ...lineContent(tokens.slice(position, position + 1)));
  const instead = element("strong", null, ...lineContent([tokenOf(other)]));
  return element("p", {class: "ld-title", dir: direction(tokens)}, ...lineContent(tokens.slice(0, position)), own, " →", instead, ...lineContent(tokens.slice(position + 1)));
}

/** @param {string} text */
const tokenOf = (text) => ({id: 0, text, kind: "output"});

/** @param {string} text */
export const namedText = (text) => quoted([tokenOf(text)], 0);

/**
 * @param {any} record
 * @returns {number[]}
 */
const firstOrder = ({curve, steps, estimate}) => steps.map((/** @type {number} */ step) => curve[0] + step * estimate);

/**
 * @param {any} record
 * @returns {import("./charts.js").Chart}
 */
function chartOf(record) {
  const {steps, curve, wrong, tokens, position, other} = record, claim = curve[0] - record.gradient_x_input;
  return {
    places: steps,
    series: [
      {name: SAID.measured, values: curve},
      {name: SAID.tangent, values: firstOrder(record), dashes: "6 3", hue: "2"},
      {name: SAID.claim, values: steps.map(() => claim), dashes: "2 3", hue: "3"}
    ],
    across: SAID.across,
    down: wrong ? SAID.difference : SAID.logit,
    ticks: [[0, short(quoted(tokens, position))], [1, short(namedText(other))]],
    dots: [[0, curve[0]], [1, curve[curve.length - 1]]]
  };
}

/** @param {string} name */
function short(name) {
  const all = [...name], most = sizes.experiments.name;
  return all.length <= most + 2 ? name : `${all.slice(0, most).join("")}…’`;
}

/** @param {any} record */
function summary(record) {
  const {tokens, position, other, answer, wrong, change, estimate} = record;
  const share = change ? said(SAID.share, {share: wholePercent(Math.abs(estimate / change))}) : "";
  return said(SAID.summary, {
    other: namedText(other),
    own: quoted(tokens, position),
    outcome: wrong === null ? said(SAID.outcome, {answer: namedText(answer)}) : said(SAID.less, {answer: namedText(answer), wrong: namedText(wrong)}),
    change: score(change),
    estimate: score(estimate),
    how: estimate * change < 0 ? SAID.turned : share,
    claim: score(record.gradient_x_input),
    cliff: cliff(record)
  });
}

/**
 * Where one step has more than half of all changes.
 * @param {any} record
 */
function cliff({facts: {steepest: where, steepest_share: part}}) {
  if (typeof where !== "number" || typeof part !== "number" || part < sizes.experiments.steep) return "";
  return said(SAID.cliff, {way: fixed(100 * where, 0), share: wholePercent(part)});
}
