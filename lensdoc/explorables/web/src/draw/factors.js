// The figure of kind `factors`: a sparkline for each factor beside the tokens, each tinted by its strongest factor.
// lensdoc/explorables/factors.py draws its first state alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {direction} from "./characters.js";
import {decomposition, inWords} from "./decomposition.js";
import {dataElement, element} from "./elements.js";
import {factorTable} from "./factor-table.js";
import {said, wholePercent} from "./formats.js";
import {readout} from "./grids.js";
import {isSigned, scales} from "./scales.js";
import {labelsSwitch} from "./scores.js";
import {beside, sequenceElement} from "./sequences.js";
import {rowsStyle, sparklines, upright} from "./sparklines.js";
import {legend, steadiness} from "./steadiness.js";
import {hue, level} from "./tints.js";

/** @typedef {import("./scales.js").Scale} Scale */

/** @type {{overlap: number | null, height: number | null, style: "sparklines" | "decomposition", scale: "factor" | "shared", factor: number | null}} */
export const options = {overlap: null, height: null, style: "sparklines", scale: "factor", factor: null};

/**
 * @param {any} given
 * @param {typeof options} options
 */
export function draw(given, {overlap, height, style, scale, factor}) {
  const record = {starts: [0], left_out: [], ...given};
  const count = record.activations.length, shared = scale === "shared";
  const named = {class: "ld-factors", "data-search-exclude": ""};
  if (style === "decomposition" && count) return element("lens-factors", named, decomposition(record), element("p", {class: "ld-readout"}, inWords(record)));
  const found = scales(record, shared);
  if (factor !== null && !found.some((_, f) => f + 1 === factor)) throw new Error(said(words.factors.noFactor, {count, factor}));
  const text = sequenceElement(record.tokens, (position) => tint(record, position, found), {starts: record.starts});
  return element(
    "lens-factors",
    {...named, "data-many": count > sizes.tints.hues ? "" : null, style: rowsStyle(count, record.tokens.length, {overlap, height})},
    element("div", {class: "ld-panels", "data-beside": count ? beside(record.tokens) : null}, ...(count ? [lines(record, found)] : []), text),
    count ? readout(summary(record, found, shared), words.factors.hint) : element("p", {class: "ld-readout"}, words.factors.none),
    ...(count ? [labelsSwitch(words.factors.labels), factorTable(record, found)] : []),
    dataElement({
      activations: record.activations,
      levels: sizes.tints.levels,
      limits: found.map(({limit}) => limit),
      firsts: found.map(({first}) => first),
      clipped: found.map(({clipped}) => clipped),
      signed: isSigned(record.activations),
      left: record.left_out,
      ...(record.stability ? {steady: steadiness(record).map((one) => one.words)} : {}),
      ...(factor === null ? {} : {chosen: factor - 1})
    })
  );
}

/**
 * @param {any} record
 * @param {Scale[]} found
 */
function lines(record, found) {
  const {tokens, activations, starts, left_out: left} = record, steady = steadiness(record);
  const rows = found.map(({limit, clipped}, f) => ({number: f + 1, values: activations[f], limit, clipped, left, mark: steady[f]?.mark}));
  const borders = starts.slice(1).map((/** @type {number} */ start) => start - 0.5);
  const marks = () => [...upright("ld-boundary", outputsOf(record)), ...upright("ld-border", borders), ...upright("ld-gap", left)];
  const ends = [said(words.position, {position: 0}), String(tokens.length - 1)];
  return sparklines(rows, {signed: isSigned(activations), ends, marks, direction: direction(starts.length > 1 ? tokens.slice(0, starts[1]) : tokens)});
}

/**
 * Where output begins: between two tokens.
 * @param {any} record
 * @returns {number[]}
 */
const outputsOf = ({tokens}) => [...tokens.keys()].slice(1).filter((p) => tokens[p - 1].kind !== "output" && tokens[p].kind === "output").map((p) => p - 0.5);

/**
 * @param {any} record
 * @param {number} position
 * @param {Scale[]} found
 * @returns {Record<string, string>}
 */
function tint({activations, left_out: left}, position, found) {
  if (left.includes(position)) return {"data-left-out": "", "data-factor": "out"};
  /** @type {number[]} */
  const values = activations.map((/** @type {number[]} */ row) => row[position]);
  const top = values.reduce((best, value, f) => (best < 0 || Math.abs(value) > Math.abs(values[best]) ? f : best), -1);
  if (top < 0 || !values[top]) return {};
  const {limit} = found[top], negative = values[top] < 0;
  return {
    "data-factor": `${negative ? "−" : ""}${top + 1}`,
    "data-hue": hue(top + 1),
    "data-level": String(level(Math.min(Math.abs(values[top]), limit), limit)),
    ...(negative ? {"data-negative": ""} : {})
  };
}

/**
 * @param {any} record
 * @param {Scale[]} found
 * @param {boolean} shared
 */
function summary(record, found, shared) {
  const signed = isSigned(record.activations);
  const parts = [words.factors.tint];
  const beyond = found.flatMap(({clipped, first}, f) => (clipped.length ? [said(words.factors.first, {factor: f + 1, times: String(first)})] : []));
  if (signed) parts.push(words.factors.signed);
  if (record.stability) parts.push(legend());
  if (record.left_out.length) parts.push(said(words.factors.left, {tokens: leftOut(record)}));
  if (outputsOf(record).length) parts.push(words.factors.output);
  if (beyond.length) parts.push(said(words.factors.beyond, {factors: beyond.join(", ")}));
  parts.push(said(shared ? words.factors.shared : words.factors.own, {size: signed ? "size" : "activation"}));
  if (record.controls && record.explained) parts.push(controls(record));
  return parts.join(" ");
}

/**
 * What all factors explain, beside what they explain of shuffled activations.
 * @param {any} record
 */
function controls({explained, controls: found}) {
  /** @param {number[]} values */
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  return said(words.factors.controls, {share: wholePercent(sum(explained)), control: wholePercent(sum(found) / found.length), count: found.length});
}

/**
 * The tokens that were left out, within a sentence.
 * @param {any} record
 */
function leftOut({left_out: left, starts}) {
  const count = left.length, texts = starts.length;
  if (count === texts) return count === 1 ? words.factors.leftOne : words.factors.leftEach;
  return said(texts === 1 ? words.factors.leftMany : words.factors.leftAll, {count});
}
