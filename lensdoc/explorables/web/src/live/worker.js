// The engine of live figures, in a worker of the page: loads a model when it is asked, and answers prompts.
//
// The page sends   load {files, manifest}, answer {id, text}, explain {id, target}, stop, dispose;
// the worker sends progress {done}, ready, token {id, ...}, answer {id, ...}, explained {id, ...}, stopped {id}, refused {id, message}.
import {lensOf, mostProbable, predictionsOf, saliencyOf, scoresOf, sequenceOf} from "./answers.js";
import {Refusal, fetchAll} from "./files.js";
import {Model} from "./model.js";
import {Texts} from "./texts.js";

/**
 * What of a record of kind live the worker reads.
 * @typedef {object} Manifest
 * @property {import("./weights.js").Weight[]} weights
 * @property {number} layers
 * @property {number} vocabulary
 * @property {number} longest
 * @property {number[]} ends
 * @property {number} max_new_tokens
 * @property {string[]} measures
 */

/** The work was to stop. */
class Stopped extends Error {}

/** @type {{model: Model, texts: Texts, manifest: Manifest} | undefined} */
let loaded;
/** @type {{tokens: import("./texts.js").Token[], given: number, rows: Map<number, {scores: number[], total: number}>} | undefined} */
let last;
let loading = new AbortController();
let asked = 0;

const say = (/** @type {any} */ message) => self.postMessage(message);

/** Lets messages in between two runs of the graph. */
const pause = () => new Promise((resolve) => {
  const {port1, port2} = new MessageChannel();
  port1.onmessage = () => resolve(port1.close());
  port2.postMessage(0);
});

/** @param {number} id */
function stopper(id) {
  return async () => {
    await pause();
    if (asked !== id) throw new Stopped();
  };
}

/** @param {{files: import("./files.js").Asked[], manifest: Manifest}} message the files are: runtime, graph, tokenizer, parts */
async function load({files, manifest}) {
  loading = new AbortController();
  let told = 0;
  const [runtime, graph, tokenizer, ...parts] = await fetchAll(files, (done) => {
    const now = performance.now();
    if (now - told > 50) {
      told = now;
      say({type: "progress", done});
    }
  }, loading.signal);
  say({type: "starting"});
  const texts = new Texts(tokenizer);
  loaded = {texts, manifest, model: await Model.load(runtime, graph, manifest.weights, parts)};
  say({type: "ready"});
}

/** @param {{id: number, text: string, target?: number}} message */
async function answer({id, text, target}) {
  if (!loaded) throw new Refusal("The model is not loaded.");
  const {model, texts, manifest} = loaded;
  const go = stopper(id);
  const ids = texts.ids(text, manifest.longest);
  const given = ids.length;
  const probs = [];
  say({type: "given", id, tokens: texts.tokens(ids, given)});
  for (let step = 0; step < manifest.max_new_tokens && ids.length < manifest.longest; step++) {
    await go();
    const found = await model.run({ids});
    const next = mostProbable(found.next.data);
    ids.push(next.id);
    probs.push(next.prob);
    say({type: "token", id, token: texts.token(next.id, "output"), prob: next.prob});
    if (manifest.ends.includes(next.id)) break;
  }
  const tokens = texts.tokens(ids, given);
  last = {tokens, given, rows: new Map()};
  const chosen = target !== undefined && target >= given && target < ids.length ? target : given;
  const records = [sequenceOf(tokens, given, probs), ...await measured(chosen, go)];
  say({type: "answer", id, records, target: chosen, given});
}

/**
 * @param {number} target
 * @param {() => Promise<void>} go
 */
async function measured(target, go) {
  const {model, texts, manifest} = /** @type {NonNullable<typeof loaded>} */ (loaded);
  const {tokens, given} = /** @type {NonNullable<typeof last>} */ (last);
  const records = [];
  if (manifest.measures.includes("saliency")) records.push(await explained(target, go));
  if (manifest.measures.includes("rankings")) records.push(await lensOf(model, tokens, given, manifest.layers, manifest.vocabulary, go));
  if (manifest.measures.includes("predictions")) {
    await go();
    records.push(await predictionsOf(model, texts, tokens, tokens.length, manifest.layers));
  }
  return records;
}

/**
 * The saliency of all targets that were explained until now, this one among them.
 * @param {number} target
 * @param {() => Promise<void>} go
 */
async function explained(target, go) {
  const {model} = /** @type {NonNullable<typeof loaded>} */ (loaded);
  const {tokens, rows} = /** @type {NonNullable<typeof last>} */ (last);
  if (!rows.has(target)) {
    await go();
    rows.set(target, await scoresOf(model, tokens, target));
  }
  const known = [...rows].sort(([a], [b]) => a - b);
  return saliencyOf(tokens, known.map(([t]) => t), known.map(([, row]) => row));
}

/** @param {{id: number, target?: number}} message without a target all tokens that were written are explained */
async function explain({id, target}) {
  if (!loaded || !last) throw new Refusal("There is no answer yet.");
  if (!loaded.manifest.measures.includes("saliency")) return;
  const {given, tokens, rows} = last, go = stopper(id);
  const asked = target === undefined ? tokens.map((_, i) => i).slice(given) : [target];
  if (!asked.every((t) => t >= given && t < tokens.length)) throw new Refusal("Choose a token that the model wrote.");
  const first = target ?? [...rows.keys()][0];
  for (const t of asked) await explained(t, go);
  say({type: "explained", id, target: first, record: await explained(first, go)});
}

async function dispose() {
  loading.abort();
  await loaded?.model.dispose();
  loaded = last = undefined;
  self.close();
}

/** One after the other: a graph runs once at a time. */
let queue = Promise.resolve();

self.addEventListener("message", ({data}) => {
  if (data.type === "stop") {
    asked = -1;
    loading.abort();
    return;
  }
  if (data.id !== undefined) asked = data.id;
  const work = {load, answer, explain, dispose}[/** @type {"load"} */ (data.type)];
  queue = queue.then(async () => {
    try {
      if (data.id !== undefined && asked !== data.id) throw new Stopped(); // a newer prompt is there
      await work(data);
    } catch (error) {
      if (error instanceof Stopped || (error instanceof DOMException && error.name === "AbortError")) say({type: "stopped", id: data.id});
      else say({type: "refused", id: data.id, message: error instanceof Refusal ? error.message : `The model could not answer: ${error}`});
    }
  });
});
