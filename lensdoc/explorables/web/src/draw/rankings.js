// The figure of kind `rankings`. lensdoc/explorables/rankings.py draws its first state alike.
import words from "../../../words.json" with {type: "json"};
import {direction} from "./characters.js";
import {element} from "./elements.js";
import {said, thousands} from "./formats.js";
import {gridElement, legend, rankCell, readout, tokenHead} from "./grids.js";

export const options = {};

/** @param {any} record */
export function draw(record) {
  const {vocabulary} = record.model, said_ = words.rankings;
  const heads = record.targets.map((/** @type {number} */ t) => tokenHead(record.tokens, t));
  const summary = said(record.final_norm ? said_.with : said_.without, {size: thousands(vocabulary)});
  return element(
    "lens-rankings",
    {class: "ld-rankings", "data-search-exclude": ""},
    gridElement(heads, rankRows(record.layers, record, vocabulary), said_.caption, "token", {direction: direction(record.tokens)}),
    legend(vocabulary),
    readout(summary, words.grid.hint)
  );
}

/**
 * The cells of ranks, layer by layer.
 * @param {number[]} layers
 * @param {{ranks: number[][], probs: number[][]}} found
 * @param {number} vocabulary
 * @returns {import("./grids.js").Row[]}
 */
export const rankRows = (layers, {ranks, probs}, vocabulary) => layers.map((layer, l) => [layer, ranks[l].map((rank, t) => rankCell(rank, probs[l][t], vocabulary))]);
