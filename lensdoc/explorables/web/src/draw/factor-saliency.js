// The figure of kind `factor-saliency`: choose a token on a factor's line, see which tokens before it drove the factor.
// lensdoc/explorables/factor_saliency.py draws its first state alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {digits, exact} from "../shared.js";
import {direction} from "./characters.js";
import {quoted} from "./display.js";
import {dataElement, element} from "./elements.js";
import {said} from "./formats.js";
import {readout} from "./grids.js";
import {scored, windowed} from "./passages.js";
import {chosenTarget} from "./saliency.js";
import {even, key, labelsSwitch, largestOf, named, numbered, tint, told} from "./scores.js";
import {beside, sequenceElement} from "./sequences.js";
import {rowsStyle, sparklines, upright} from "./sparklines.js";
import {tableDetails} from "./tables.js";
import {hue} from "./tints.js";

const SAID = words["factor-saliency"];

/** @type {{style: "minimal" | "detailed", factor: number | null, token: number | null, height: number | null}} */
export const options = {style: "minimal", factor: null, token: null, height: null};

/**
 * @param {any} record
 * @param {typeof options} options
 */
export function draw(record, {style, factor: number, token, height}) {
  const {tokens, targets, scores, signed} = record;
  if (!targets.length || !record.factor.length) throw new Error(SAID.none);
  const factor = chosenFactor(record.factor, number);
  const target = token === null ? record.activations[factor].indexOf(largest(record.activations[factor])) : chosenTarget(targets, token);
  const row = scores[factor][target], notched = style === "detailed" && !signed;
  return element(
    "lens-factor-saliency",
    {
      class: `ld-factor-saliency ld-saliency ld-scored ld-${style}`,
      "data-search-exclude": "",
      "data-signed": signed ? "" : null,
      style: [rowsStyle(record.factor.length, targets.length, {height}), ...(notched ? [even(row, largestOf([row]))] : [])].join("; ")
    },
    element("div", {class: "ld-panels", "data-beside": beside(tokens)}, lines(record, factor, target), windowed(tokens, sequence(record, factor, target, notched))),
    ...scored(tokens, row, targets[target], signed),
    readout(describe(record, factor, target), outputsOf(record).length ? `${SAID.hint} ${words.factors.output}` : SAID.hint, notched ? key() : ""),
    ...(style === "minimal" ? [labelsSwitch()] : []),
    table(record),
    dataElement(dataOf(record, factor, target))
  );
}

/**
 * Which factor is chosen at first.
 * @param {number[]} factors
 * @param {number | null} number
 */
function chosenFactor(factors, number) {
  if (number === null) return 0;
  if (!factors.includes(number)) throw new Error(said(SAID.noFactor, {factors: factors.join(", "), factor: number}));
  return factors.indexOf(number);
}

/**
 * @param {any} record
 * @param {number} factor
 * @param {number} target
 */
function dataOf(record, factor, target) {
  const {targets, activations, scores, signed} = record;
  return {factor: record.factor, targets, activations, limits: activations.map(largest), scores, signed, levels: sizes.tints.levels, chosen: [factor, target]};
}

/** @param {number[]} row */
const largest = (row) => row.reduce((a, b) => Math.max(a, b));

/**
 * @param {any} record
 * @param {number} factor
 * @param {number} target
 */
function lines(record, factor, target) {
  const {factor: numbers, activations, tokens, targets} = record;
  const rows = numbers.map((/** @type {number} */ number, /** @type {number} */ f) => ({number, values: activations[f], limit: largest(activations[f])}));
  const marks = () => [...upright("ld-boundary", outputsOf(record)), ...upright("ld-cursor", [target])];
  const ends = [said(words.position, {position: targets[0]}), String(targets[targets.length - 1])];
  const drawn = sparklines(rows, {signed: false, ends, marks, direction: direction(tokens)});
  drawn.firstElementChild?.children[factor].setAttribute("data-chosen", "");
  return drawn;
}

/**
 * Where output begins: between two targets.
 * @param {any} record
 * @returns {number[]}
 */
function outputsOf({tokens, targets}) {
  const kinds = targets.map((/** @type {number} */ position) => tokens[position].kind);
  return [...kinds.keys()].slice(1).filter((t) => kinds[t - 1] !== "output" && kinds[t] === "output").map((t) => t - 0.5);
}

/**
 * @param {any} record
 * @param {number} factor
 * @param {number} target
 * @param {boolean} notched
 */
function sequence({factor: numbers, tokens, targets, scores, signed}, factor, target, notched) {
  const row = scores[factor][target], chosen = targets[target], most = largestOf([row]), known = new Set(targets);

  /** @param {number} position */
  const attributes = (position) => ({
    "data-target": known.has(position) ? "" : null,
    "data-chosen": position === chosen ? "" : null,
    ...(position < row.length ? tint(row[position], most, signed, signed ? "1" : hue(numbers[factor]), notched) : {})
  });
  return sequenceElement(tokens, attributes, {told: (run) => told(row, run, signed)});
}

/**
 * A factor at a target and what drove it, in words.
 * @param {any} record
 * @param {number} factor
 * @param {number} target
 */
function describe({factor: numbers, tokens, targets, activations, scores, signed}, factor, target) {
  const position = targets[target], row = scores[factor][target];
  const begins = said(SAID.begins, {
    factor: numbers[factor], value: exact(activations[factor][target]), position: numbered(tokens, position), token: quoted(tokens, position)
  });
  if (!row.some(Boolean)) return said(SAID.nothing, {begins});
  return said(signed ? SAID.scores : SAID.driven, {begins, named: named(tokens, row, signed)});
}

/** @param {any} record */
function table({factor: numbers, tokens, targets, activations, scores, totals, signed}) {
  const rows = numbers.flatMap((/** @type {number} */ factor, /** @type {number} */ f) => targets.flatMap((/** @type {number} */ position, /** @type {number} */ t) => {
    if (!scores[f][t].some(Boolean)) return [];
    const name = said(SAID.row, {factor, position, token: quoted(tokens, position)});
    return [[name, exact(activations[f][t]), named(tokens, scores[f][t], signed), digits(totals[f][t])]];
  }));
  return tableDetails(SAID.table, SAID.heads, rows);
}
