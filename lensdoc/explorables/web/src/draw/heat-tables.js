// What a heatmap shows, as a table: the clusters, or the strongest neurons where there are none. lensdoc/explorables/heat_tables.py writes
// it alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {quoted} from "./display.js";
import {said, thousands, wholePercent} from "./formats.js";
import {membersOf, written} from "./heat.js";
import {added, numbered} from "./scores.js";
import {tableDetails} from "./tables.js";

/** @typedef {import("./heat.js").Heat} Heat */

const SAID = words.activations;

/**
 * Of each cluster: its size, how often its neurons are above 0, and where they are strongest on average.
 * @param {any} record
 * @param {Heat[]} layers
 */
export function clusterTable(record, layers) {
  const rows = layers.flatMap((heat) => membersOf(heat).map(({cluster, rows}) => clusterRow(record, heat, cluster, rows)));
  return tableDetails(SAID.clusterTable, SAID.clusterHeads, rows);
}

/**
 * The neurons with the largest values, and their tokens.
 * @param {any} record
 * @param {Heat[]} layers
 */
export const neuronTable = (record, layers) => tableDetails(SAID.neuronTable, SAID.neuronHeads, layers.flatMap((heat) => neuronRows(record, heat)));

/**
 * @param {any} record
 * @param {Heat} heat
 * @param {number} cluster
 * @param {number[][]} rows
 */
function clusterRow(record, heat, cluster, rows) {
  const means = rows[0].map((_, p) => added(rows.map((row) => row[p])) / rows.length);
  const order = [...means.keys()].filter((p) => means[p] > 0).sort((a, b) => means[b] - means[a]).slice(0, sizes.heat.tokens);
  const strongest = order.map((column) => `${token(record, column)}, ${written(heat, means[column])}`).join(", ");
  const fact = record.layers.length === 1 ? `cluster_${cluster}_active` : `layer_${heat.layer}_cluster_${cluster}_active`;
  return [named(record, heat, `C${cluster}`), thousands(rows.length), wholePercent(active(record, fact, rows)), strongest || words.noToken];
}

/**
 * Share of values above 0. Where values were encoded some have been rounded to 0, and the record's fact knows better.
 * @param {any} record
 * @param {string} fact
 * @param {number[][]} rows
 */
export function active({encoding, facts}, fact, rows) {
  const known = encoding ? facts[fact] : undefined;
  return known ?? rows.reduce((sum, row) => sum + row.filter((value) => value > 0).length, 0) / (rows.length * rows[0].length);
}

/**
 * @param {any} record
 * @param {Heat} heat
 */
function neuronRows(record, heat) {
  const peaks = heat.rows.map((row) => row.reduce((a, b) => Math.max(a, b)));
  const order = [...peaks.keys()].sort((a, b) => peaks[b] - peaks[a]).slice(0, sizes.heat.neurons).filter((n) => peaks[n] > 0);
  return order.map((n) => [named(record, heat, String(heat.neurons[n])), written(heat, peaks[n]), token(record, heat.rows[n].indexOf(peaks[n]))]);
}

/**
 * @param {any} record
 * @param {Heat} heat
 * @param {string} name
 */
const named = (record, heat, name) => (record.layers.length === 1 ? name : said(SAID.named, {layer: heat.layer, name}));

/**
 * @param {any} record
 * @param {number} column
 */
const token = ({tokens, positions}, column) => `${quoted(tokens, positions[column])} (${numbered(tokens, positions[column])})`;
