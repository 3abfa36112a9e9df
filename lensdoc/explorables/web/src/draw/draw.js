// Draws a figure from its record, in the first state that Python writes at build time; the custom element then takes it over.
import * as ablation from "./ablation.js";
import * as activations from "./activations.js";
import * as attention from "./attention.js";
import * as attentionFlow from "./attention-flow.js";
import * as decoding from "./decoding.js";
import * as exchange from "./exchange.js";
import * as factorSaliency from "./factor-saliency.js";
import * as factors from "./factors.js";
import * as faithfulness from "./faithfulness.js";
import * as logitAttribution from "./logit-attribution.js";
import * as patching from "./patching.js";
import * as predictions from "./predictions.js";
import * as rankings from "./rankings.js";
import * as saliency from "./saliency.js";
import * as sequence from "./sequence.js";
import * as similarity from "./similarity.js";
import * as watch from "./watch.js";

/** @typedef {{options: Record<string, any>, draw: (record: any, options: any) => Element}} Kind */

/** @type {Record<string, Kind>} */
const KINDS = {
  ablation,
  activations,
  attention,
  "attention-flow": attentionFlow,
  decoding,
  exchange,
  "factor-saliency": factorSaliency,
  factors,
  faithfulness,
  "logit-attribution": logitAttribution,
  patching,
  predictions,
  rankings,
  saliency,
  sequence,
  similarity,
  watch
};

/**
 * The custom element of a record, complete, and not yet in the page.
 * @param {any} record as its data file has it
 * @param {Record<string, unknown>} [given] options of the kind; those left out have the defaults that they have on pages
 * @returns {HTMLElement}
 * @throws {Error} The page draws no records of this kind or model, an option is unknown, or the record has nothing to show.
 */
export function draw(record, given = {}) {
  const name = String(record.format).replace("lensdoc/", "");
  if (!Object.hasOwn(KINDS, name)) throw new Error(`unknown kind ${name}; the page draws ${Object.keys(KINDS).join(", ")}`);
  if (record.model.sees || record.model.stack || usesFittedLens(record)) throw new Error("the page draws no record of a masked model, an encoder with a decoder or a fitted lens, which no live figure has");
  const kind = KINDS[name];
  for (const option of Object.keys(given)) {
    if (!Object.hasOwn(kind.options, option)) throw new Error(`unknown option ${option} of ${name}; it has ${Object.keys(kind.options).join(", ") || "none"}`);
  }
  return /** @type {HTMLElement} */ (kind.draw(record, {...kind.options, ...given}));
}

/** @param {any} record */
const usesFittedLens = (record) => Boolean(record.lens || record.beside?.some((/** @type {any} */ text) => text.lens));
