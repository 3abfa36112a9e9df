// The figure of kind `activations`: neurons down, tokens across, a heatmap for each layer. lensdoc/explorables/activations.py draws its
// first state alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {digits, share} from "../shared.js";
import {quoted} from "./display.js";
import {dataElement, element} from "./elements.js";
import {counted, said, thousands, wholePercent} from "./formats.js";
import {readout} from "./grids.js";
import {active, clusterTable, neuronTable} from "./heat-tables.js";
import {beyondOf, decimalsOf, halvesOf, heats, written} from "./heat.js";
import {firstOutput, heatmapElement, shapeOf} from "./heatmaps.js";
import {heatRamp} from "./images.js";
import {numbered} from "./scores.js";

/** @typedef {import("./heat.js").Heat} Heat */
/** @typedef {import("./heatmaps.js").Shape} Shape */

const SAID = words.activations;

/** @type {{height: number | null}} */
export const options = {height: null};

/**
 * @param {any} record
 * @param {typeof options} options
 */
export function draw(record, {height}) {
  const count = record.layers.length * record.neurons.length * record.positions.length, most = sizes.heat.values;
  if (count > most) throw new Error(said(SAID.most, {most: thousands(most), count: thousands(count)}));
  const layers = heats(record), shapes = layers.map((heat) => shapeOf(record, heat, height));
  return element(
    "lens-activations",
    {class: "ld-activations", "data-search-exclude": ""},
    ...layers.map((heat, l) => layerElement(record, heat, shapes[l])),
    readout(summary(record, layers, shapes), said(SAID.hint, {step: record.clusters ? SAID.step.clusters : SAID.step.neurons})),
    (record.clusters ? clusterTable : neuronTable)(record, layers),
    dataElement({
      columns: record.positions.map((/** @type {number} */ p) => `${numbered(record.tokens, p)} ${quoted(record.tokens, p)}`),
      wrap: shapes[0].wrap,
      layers: layers.map((heat, l) => layerData(heat, shapes[l]))
    })
  );
}

/**
 * @param {Heat} heat
 * @param {Shape} shape
 */
function layerData(heat, {tall}) {
  const {neurons, clusters} = heat;
  const follow = neurons.every((n, i) => n === neurons[0] + i);
  return {
    layer: heat.layer,
    count: neurons.length,
    neurons: follow ? [neurons[0]] : neurons,
    clusters: clusters.map(([number, size], i) => [number, size, tall[i]]),
    ...halvesOf(heat),
    limit: heat.limit,
    coded: heat.step > 0,
    decimals: decimalsOf(heat)
  };
}

/**
 * @param {any} record
 * @param {Heat} heat
 * @param {Shape} shape
 */
function layerElement(record, heat, shape) {
  const clusters = heat.clusters.length ? said(SAID.in, {clusters: counted(heat.clusters.length, "cluster")}) : "";
  const name = said(SAID.layer, {
    layer: heat.layer, neurons: counted(heat.neurons.length, "neuron"), clusters, tokens: counted(record.positions.length, "token")
  });
  const title = element("p", {class: "ld-title"}, name);
  return element("div", {class: "ld-layer"}, title, heatmapElement(record, heat, shape, name), legend(record, heat));
}

/**
 * What the colours mean: from the least value below 0, if there is any, to the largest; or to where colours end.
 * @param {any} record
 * @param {Heat} heat
 */
function legend(record, heat) {
  const low = heat.rows.reduce((least, row) => row.reduce((a, b) => Math.min(a, b), least), 0);
  const high = heat.rows.reduce((most, row) => row.reduce((a, b) => Math.max(a, b), most), 0);
  const shown = [Math.max(low, -heat.limit), Math.min(high, heat.limit)];
  const bar = element("span", {class: "ld-ramp", style: `background: ${heatRamp(shown[0], shown[1], heat.limit)}`});
  const ends = [low, high].map((whole, i) => (shown[i] === whole ? "" : `${"≤≥"[i]} `) + written(heat, shown[i]));
  const scale = element("span", {"aria-hidden": "true"}, ends[0], bar, ends[1], low < 0 ? SAID.blank : "");
  const beyond = beyondOf(heat);
  return element("p", {class: "ld-legend"}, scale, ...(beyond.length ? [element("span", null, beyondInWords(record, heat, beyond))] : []));
}

/**
 * Where colours end, as a sentence.
 * @param {any} record
 * @param {Heat} heat
 * @param {number[][]} beyond
 */
function beyondInWords(record, heat, beyond) {
  const [row, column] = beyond[0], position = record.positions[column];
  return said(beyond.length === 1 ? SAID.beyond.one : SAID.beyond.many, {
    limit: written(heat, heat.limit),
    values: counted(beyond.length, "value"),
    share: share(beyond.length / (heat.rows.length * heat.rows[0].length)),
    largest: written(heat, heat.rows[row][column]),
    neuron: heat.neurons[row],
    position,
    token: quoted(record.tokens, position)
  });
}

/**
 * @param {any} record
 * @param {Heat[]} layers
 * @param {Shape[]} shapes
 */
function summary(record, layers, shapes) {
  const rows = layers.flatMap((heat) => heat.rows);
  const sorted = said(SAID.sorted, {
    order: record.clusters ? SAID.order.clusters : SAID.order.neurons,
    active: wholePercent(active(record, "active", rows)),
    precision: precision(layers)
  });
  const tall = shapes.some((shape) => shape.tall.some((more) => more > 1));
  return (firstOutput(record) === null ? "" : SAID.line) + (tall ? SAID.tall : "") + sorted;
}

/**
 * How exact values are.
 * @param {Heat[]} layers
 */
function precision(layers) {
  const coded = layers.filter(({step}) => step);
  if (!coded.length) return SAID.digits;
  const steps = coded.map(({step, layer}) => (layers.length > 1 ? said(SAID.ofLayer, {step: digits(step, 2), layer}) : digits(step, 2)));
  return said(SAID.steps, {steps: steps.join(", ")});
}
