// How high a factor's sparkline reaches, and how dark its tint becomes. lensdoc/explorables/scales.py finds the same.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {decimal, said, thousands} from "./formats.js";

/**
 * The scale of one factor.
 * @typedef {object} Scale
 * @property {number} limit the size of activation that the full height stands for
 * @property {number[]} clipped positions of first tokens that go beyond the scale
 * @property {string | null} first for a factor of first tokens: how much stronger it is there
 */

/**
 * The scale of each factor: up to its own largest size, or up to the largest of all.
 * @param {any} record
 * @param {boolean} shared
 * @returns {Scale[]}
 */
export function scales(record, shared) {
  const firsts = firstPositions(record);
  /** @type {number[][]} */
  const rows = record.activations;
  const ratios = rows.map((row, f) => firstRatio(record, f, row, firsts));
  const own = rows.map((row, f) => limitOf(row, firsts, ratios[f]));
  const most = Math.max(...own);
  return rows.map((row, f) => {
    const limit = shared ? most : own[f];
    return {limit, clipped: firsts.filter((p) => Math.abs(row[p]) > limit), first: ratios[f] > sizes.sparklines.first ? inWords(ratios[f]) : null};
  });
}

/**
 * Whether sparklines need a zero line in the middle.
 * @param {number[][]} rows
 */
export const isSigned = (rows) => rows.some((row) => row.some((value) => value < 0));

/**
 * How many tokens the model has read in the state that a token shows: a produced token is not among them.
 * @param {import("./characters.js").Token[]} tokens
 * @param {number} position
 */
export const readAt = (tokens, position) => position + (tokens[position].kind === "output" ? 0 : 1);

/**
 * Positions that show the state of a text's first token: its own, and that of a token produced from it alone.
 * @param {any} record
 * @returns {number[]}
 */
function firstPositions({tokens, starts}) {
  return [...tokens.keys()].filter((p) => starts.includes(p) || starts.includes(readAt(tokens, p) - 1));
}

/**
 * How many times larger a factor is at first tokens than at the largest of the others: the record's fact, else computed.
 * @param {any} record
 * @param {number} factor
 * @param {number[]} row
 * @param {number[]} firsts
 * @returns {number}
 */
function firstRatio(record, factor, row, firsts) {
  const told = record.facts[`factor_${factor + 1}_first_ratio`];
  if (typeof told === "number") return told;
  const [first, others] = largest(row, firsts);
  return others ? Math.min(first / others, sizes.sparklines.most) : first > 0 ? sizes.sparklines.most : 0;
}

/**
 * @param {number[]} row
 * @param {number[]} firsts
 * @param {number} ratio
 */
function limitOf(row, firsts, ratio) {
  const [first, others] = largest(row, firsts);
  return ratio > sizes.sparklines.first && others ? others : Math.max(first, others);
}

/**
 * Largest size at first tokens, and at the others.
 * @param {number[]} row
 * @param {number[]} firsts
 */
function largest(row, firsts) {
  const chosen = new Set(firsts);
  const sizesOf = (/** @type {boolean} */ wanted) => row.reduce((most, value, p) => (chosen.has(p) === wanted ? Math.max(most, Math.abs(value)) : most), 0);
  return [sizesOf(true), sizesOf(false)];
}

/** @param {number} ratio */
function inWords(ratio) {
  const {most} = sizes.sparklines;
  return ratio >= most ? said(words.factors.most, {most: thousands(most)}) : said(words.factors.times, {ratio: decimal(ratio, ratio >= 10 ? 0 : 1)});
}
