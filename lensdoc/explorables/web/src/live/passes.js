// Passes over a text for all that looks at the whole of it: what is asked for together is computed together, since every pass takes the
// time of all layers.
import {sharesOf, targetsOf} from "./answers.js";

/** @typedef {import("./answers.js").Read} Read */
/** @typedef {import("./model.js").Model} Model */

/** Logits that are made at once: positions are taken a few at a time where the vocabulary is large. */
const AT_ONCE = 14e6;

/** Parameters of a model that multiply one token in the time that the operations of a layer take by themselves. */
const SPARE = 15e6;

/**
 * What is asked for.
 * @typedef {object} Wanted
 * @property {boolean} targets the ranks of the tokens that the model wrote
 * @property {boolean} end what the model would write next
 * @property {boolean} attention
 * @property {boolean} neurons
 * @property {number} [explained] the token whose saliency is looked at too, where this takes less time than a pass of its own
 */

/**
 * What the passes found; by layer and place where no other order is named.
 * @typedef {object} Passes
 * @property {number[][]} ranks of the targets
 * @property {number[][]} probs of the targets
 * @property {{ids: number[], probs: number[]}[][]} top the most probable tokens at each place: those before the targets, and the end
 * @property {{data: Float32Array, dims: readonly number[]} | undefined} weights of the heads
 * @property {{data: Float32Array, dims: readonly number[]} | undefined} activations of the neurons
 * @property {{scores: number[], total: number} | undefined} saliency of the token that was to be explained
 */

/**
 * @param {Model} model
 * @param {Read} read
 * @param {{layers: number, vocabulary: number, parameters: number}} size
 * @param {Wanted} wanted
 * @param {() => Promise<void>} pause lets a message in, and throws when it was to stop
 * @returns {Promise<Passes>}
 */
export async function passesOf(model, read, {layers, vocabulary, parameters}, wanted, pause) {
  const {ids, kept} = read, {explained} = wanted, targets = wanted.targets ? targetsOf(read) : [], whole = wanted.attention || wanted.neurons;
  const places = [...targets.map((t) => t - 1), ...(wanted.end ? [ids.length - 1] : [])];
  const rows = () => Array.from({length: layers}, () => /** @type {any[]} */ ([]));
  /** @type {Passes} */
  const found = {ranks: rows(), probs: rows(), top: rows(), weights: undefined, activations: undefined, saliency: undefined};
  if (!places.length && !whole) return found;
  const most = Math.max(1, Math.floor(AT_ONCE / (layers * vocabulary))), passes = Math.max(1, Math.ceil(places.length / most));
  for (let pass = 1; pass <= passes; pass++) {
    await pause();
    const from = Math.round((pass - 1) * places.length / passes), to = Math.round(pass * places.length / passes), last = pass === passes;
    const end = last && whole ? ids.length : places[to - 1] + 1; // later tokens change nothing
    const lens = places.length ? {places: places.slice(from, to), wanted: places.slice(from, to).map((_, i) => ids[targets[from + i]] ?? 0)} : {};
    const both = explained !== undefined && !found.saliency && isNear(explained, end, Math.round(SPARE * layers / parameters));
    const made = await model.run({
      ids: ids.slice(0, end), kept: kept.slice(0, end), ...lens, ...(last ? {attention: wanted.attention, neurons: wanted.neurons} : {}),
      ...(both ? {at: explained - 1, token: ids[explained]} : {})
    });
    if (last) [found.weights, found.activations] = [made.weights, made.activations];
    if (both) found.saliency = sharesOf(made.scores.data.subarray(0, explained));
    if (places.length) gather(found, made, layers, to - from, targets.length - from);
  }
  return found;
}

/**
 * Whether a derivative over all of a text takes less time than a pass over the tokens before the target, forward and back.
 * @param {number} target
 * @param {number} length of the text
 * @param {number} spare tokens
 */
const isNear = (target, length, spare) => target <= length && length <= 2 * target + spare;

/**
 * @param {Passes} found
 * @param {Record<string, {data: any}>} made by one pass
 * @param {number} layers
 * @param {number} count of its places
 * @param {number} targets how many of them at most stand before a target
 */
function gather(found, {ranks, probs, top_ids, top_probs}, layers, count, targets) {
  const each = top_ids.data.length / (layers * count);
  for (let l = 0; l < layers; l++) {
    for (let p = 0; p < count; p++) {
      const at = l * count + p;
      const of = (/** @type {ArrayLike<number | bigint>} */ data) => Array.from({length: each}, (_, k) => Number(data[at * each + k]));
      found.top[l].push({ids: of(top_ids.data), probs: of(top_probs.data)});
      if (p >= targets) continue;
      found.ranks[l].push(Number(ranks.data[at]));
      found.probs[l].push(probs.data[at]);
    }
  }
}
