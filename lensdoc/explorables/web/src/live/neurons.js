// Activations of FFN neurons and their factors, as the records that lensdoc's measures `activations` and `factors` make in Python.
import {fourDigits} from "./answers.js";
import {nmf} from "./nmf.js";

/** @typedef {import("./answers.js").Read} Read */
/** @typedef {import("./passes.js").Passes} Passes */

const STRONGEST = 4;

/**
 * Neurons of every layer and position; the state at a position is that after its token was read.
 * @param {Passes} passes
 */
function neuronsOf({activations}) {
  const {data, dims} = /** @type {NonNullable<Passes["activations"]>} */ (activations);
  const [, positions, count] = dims;
  return {
    count,
    /** @param {number} layer @param {number} state @returns {Float32Array} */
    of: (layer, state) => data.subarray((layer * positions + state) * count, (layer * positions + state + 1) * count)
  };
}

/**
 * The state that a token shows: an input the response to it, a produced one the state that produced it.
 * @param {Read} read
 * @param {number} position
 */
const stateOf = ({given}, position) => position - Number(position >= given);

/**
 * @param {Read} read
 * @param {Passes} passes
 * @param {{layers: number[], neurons: number[]}} first the record of the first prompt: which neurons are shown
 */
export function activationsOf(read, passes, {layers, neurons}) {
  const found = neuronsOf(passes), positions = read.tokens.map((_, p) => p);
  const values = layers.map((layer) => {
    const states = positions.map((p) => found.of(layer, stateOf(read, p)));
    return neurons.map((n) => states.map((state) => fourDigits(state[n])));
  });
  return {format: "lensdoc/activations", tokens: read.tokens, layers, neurons, positions, values};
}

/**
 * Factors of the text's states without the first, each layer of a state divided by its length.
 * @param {Read} read
 * @param {Passes} passes
 * @param {any} first the record of the first prompt: its layers, and how many factors
 */
export function factorsOf(read, passes, first) {
  const {layers, activations: {length: count}} = first, {tokens, given} = read;
  const states = Math.max(given, tokens.length - 1) - 1; // without the first
  if (states < Math.max(count, 2)) return `The text has ${Math.max(states, 0)} states after the first token, too few for ${count} factors.`;
  const found = neuronsOf(passes), width = layers.length * found.count;
  const matrix = new Float64Array(states * width);
  for (let s = 0; s < states; s++) layers.forEach((/** @type {number} */ layer, /** @type {number} */ l) => unit(found.of(layer, s + 1), matrix.subarray(s * width + l * found.count)));
  const {weights, loadings, explained} = nmf(matrix, states, count);
  const left = tokens.map((_, p) => p).filter((p) => stateOf(read, p) < 1), threshold = 1 / Math.sqrt(width);
  /** @type {(f: number, p: number) => number} */
  const shown = (f, p) => (stateOf(read, p) < 1 ? 0 : fourDigits(weights[f][stateOf(read, p) - 1]));
  return {
    ...first, format: "lensdoc/factors", tokens, stability: null, solver: "nndsvd or nndsvda, coordinate descent, in the browser", left_out: left, threshold,
    activations: weights.map((_, f) => tokens.map((_, p) => shown(f, p))), explained: explained.map(fourDigits),
    neurons: loadings.map((loading) => strongest(loading, matrix, width, found.count, layers, read)),
    facts: {neurons: width, ...Object.fromEntries(loadings.flatMap((loading, f) => {
      const members = loading.filter((value) => value > threshold).length;
      return [[`factor_${f + 1}_neurons`, members], [`factor_${f + 1}_share`, members / width]];
    }))}
  };
}

/**
 * What is above 0, divided by the length of all of it.
 * @param {Float32Array} values
 * @param {Float64Array} into
 */
function unit(values, into) {
  let squares = 0;
  for (const value of values) if (value > 0) squares += value * value;
  const length = Math.sqrt(squares) || 1;
  for (let n = 0; n < values.length; n++) into[n] = Math.max(values[n], 0) / length;
}

/**
 * The neurons with the largest loadings, and the tokens on which each is largest.
 * @param {Float64Array} loading
 * @param {Float64Array} matrix
 * @param {number} width
 * @param {number} each neurons of a layer
 * @param {number[]} layers
 * @param {Read} read
 */
function strongest(loading, matrix, width, each, layers, read) {
  const top = largest(loading, 5), states = matrix.length / width;
  const showing = new Map(read.tokens.map((_, p) => /** @type {const} */ ([stateOf(read, p) - 1, p])).reverse()); // the first that shows it
  return top.map((n) => {
    const own = Float64Array.from({length: states}, (_, s) => matrix[s * width + n]);
    const tokens = largest(own, STRONGEST).map((s) => showing.get(s));
    return {layer: layers[Math.floor(n / each)], neuron: n % each, loading: fourDigits(loading[n]), sign: null, tokens};
  });
}

/**
 * Places of the largest values above 0, the largest first.
 * @param {Float64Array} values
 * @param {number} count
 */
function largest(values, count) {
  const order = Array.from(values.keys()).filter((i) => values[i] > 0);
  return order.sort((a, b) => values[b] - values[a] || a - b).slice(0, count);
}
