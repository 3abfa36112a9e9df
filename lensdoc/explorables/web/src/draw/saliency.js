// The figure of kind `saliency`: choose a produced token, see which earlier tokens mattered for it. lensdoc/explorables/saliency.py draws
// its first state alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {digits} from "../shared.js";
import {quoted} from "./display.js";
import {dataElement, element} from "./elements.js";
import {decimal, said, thousands, wholePercent} from "./formats.js";
import {readout} from "./grids.js";
import {scored, windowed} from "./passages.js";
import {even, key, labelsSwitch, largestOf, named, tint, told} from "./scores.js";
import {sequenceElement} from "./sequences.js";
import {cells, exchanges, truth} from "./swaps.js";
import {tableDetails} from "./tables.js";

const MOST_GAP = 10;
const LEAST_NUMBER = 2 ** -1022;

/** @type {{style: "minimal" | "detailed", scale: "step" | "shared", token: number | null}} */
export const options = {style: "minimal", scale: "step", token: null};

/**
 * @param {any} record
 * @param {typeof options} options
 */
export function draw(record, {style, scale, token}) {
  if (!record.targets.length) throw new Error(words.saliency.none);
  const {tokens, targets, scores, signed} = record;
  const chosen = chosenTarget(targets, token), shared = scale === "shared";
  const notched = style === "detailed" && !signed;
  const text = windowed(tokens, sequence(record, chosen, shared, notched));
  return element(
    "lens-saliency",
    {
      class: `ld-saliency ld-scored ld-${style}`,
      "data-search-exclude": "",
      "data-scale": scale,
      "data-signed": signed ? "" : null,
      style: notched ? even(scores[chosen], largestOf(shared ? scores : [scores[chosen]])) : null
    },
    element("div", {class: "ld-panels"}, text),
    ...scored(tokens, scores[chosen], targets[chosen], signed),
    ...(record.to ? [exchanges(record, chosen)] : []),
    readout(summary(record, chosen), words.saliency.hint, notched ? key() : ""),
    ...(style === "minimal" ? [labelsSwitch()] : []),
    tableDetails(words.saliency.table, headsOf(record), targets.map((/** @type {number} */ _, /** @type {number} */ i) => row(record, i))),
    dataElement(dataOf(record, chosen))
  );
}

/**
 * Which target is chosen at first.
 * @param {number[]} targets
 * @param {number | null} position
 */
export function chosenTarget(targets, position) {
  if (position === null) return 0;
  const found = targets.indexOf(position);
  if (found < 0) throw new Error(said(words.saliency.noTarget, {first: targets[0], last: targets[targets.length - 1], position}));
  return found;
}

/**
 * @param {any} record
 * @param {number} chosen
 */
function dataOf(record, chosen) {
  const {targets, scores, signed} = record;
  const notes = targets.map((/** @type {number} */ _, /** @type {number} */ i) => note(record, i));
  return {targets, scores, signed, levels: sizes.tints.levels, chosen, ...(notes.some(Boolean) ? {notes} : {}), ...swapsOf(record)};
}

/** @param {any} record */
const swapsOf = (record) => (record.to ? {swaps: record.targets.map((/** @type {number} */ _, /** @type {number} */ i) => cells(record, i))} : {});

/** @param {any} record */
const headsOf = (record) => words.saliency.heads.map((text, i) => (i === 1 && record.to ? words.saliency.estimate : text));

/**
 * What must be said beside the scores of a target: what exchanges do change; that scores mean nothing, where they do not.
 * @param {any} record
 * @param {number} index
 */
const note = (record, index) => (record.to ? truth(record, index) : doubt(record, index));

/**
 * @param {any} record
 * @param {number} index
 */
function summary(record, index) {
  const {tokens, targets, scores, signed} = record;
  const text = said(words.saliency.readout, {position: targets[index], token: quoted(tokens, targets[index]), named: named(tokens, scores[index], signed)});
  return record.to ? text + note(record, index) : note(record, index) + text;
}

/**
 * @param {any} record
 * @param {number} index
 */
function doubt({convergence, differences, unreliable}, index) {
  if (!convergence || !differences || !unreliable?.[index]) return "";
  const gap = Math.abs(convergence[index]) / Math.max(Math.abs(differences[index]), LEAST_NUMBER);
  const missed = gap <= MOST_GAP ? said(words.saliency.share, {percent: wholePercent(gap)}) : said(words.saliency.times, {number: thousands(Number(decimal(gap, 0)))});
  return said(words.saliency.note, {missed});
}

/**
 * @param {any} record
 * @param {number} chosen
 * @param {boolean} shared
 * @param {boolean} notched
 */
function sequence({tokens, targets, scores, signed}, chosen, shared, notched) {
  const row = scores[chosen], target = targets[chosen], largest = largestOf(shared ? scores : [row]);
  const known = new Set(targets);

  /** @param {number} position */
  const attributes = (position) => ({
    "data-target": known.has(position) ? "" : null,
    "data-chosen": position === target ? "" : null,
    ...(position < target ? tint(row[position], largest, signed, "1", notched) : {})
  });
  return sequenceElement(tokens, attributes, {told: (run) => told(row, run, signed)});
}

/**
 * @param {any} record
 * @param {number} i
 */
function row(record, i) {
  const {tokens, targets, scores, signed, totals} = record;
  const end = doubt(record, i) ? words.saliency.unreliable : "";
  return [`${targets[i]} ${quoted(tokens, targets[i])}`, `${named(tokens, scores[i], signed)}${end}`, digits(totals[i])];
}
