// The engine of live figures, in a worker of the page: loads a model when it is asked, and answers prompts.
//
// The page sends   load {files, manifest}, answer {id, text}, explain {id, target}, strike {id, struck, target}, stop, dispose;
// the worker sends progress {done}, ready, token {id, ...}, record {id, ...}, answer {id, ...}, explained {id, ...}, struck {id, ...}, stopped {id},
// refused {id, message}.
import {fourDigits, mostProbable, predictionsOf, rankingsOf, saliencyOf, scoresOf, sequenceOf, targetsOf} from "./answers.js";
import {attentionOf} from "./attending.js";
import {Refusal, fetchEach} from "./files.js";
import {checked, guessed} from "./guessing.js";
import {Model} from "./model.js";
import {activationsOf, factorsOf} from "./neurons.js";
import {passesOf} from "./passes.js";
import {Texts} from "./texts.js";
import {count} from "./weights.js";
import {Writer} from "./writing.js";

/**
 * What of a record of kind live the worker reads.
 * @typedef {object} Manifest
 * @property {import("./weights.js").Weight[]} weights
 * @property {number} layers
 * @property {number} vocabulary
 * @property {number} longest
 * @property {number[]} ends
 * @property {number} max_new_tokens
 * @property {Record<string, any>} first by kind the records of the first prompt: which measures, and how they are set
 */

/** Tokens that are written as they were last time before the others are taken to be: to look whether they are takes a whole pass. */
const ALIKE = 3;

/** The work was to stop. */
class Stopped extends Error {}

/** @type {{model: Model, writer: Writer, texts: Texts, manifest: Manifest, size: {layers: number, vocabulary: number, parameters: number}} | undefined} */
let loaded;
/**
 * What was answered: the text, what is known of it, and how probable the written tokens were before any was struck out.
 * @typedef {import("./answers.js").Read & {rows: Map<number, {scores: number[], total: number}>, probs: number[]}} Answered
 */

/** @type {Answered | undefined} */
let last;
/** @type {{read: Answered, passes: import("./passes.js").Passes} | undefined} the last answer before any token was struck out */
let whole;
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
  const [runtime, graph, tokenizer, ...parts] = fetchEach(files, (done) => {
    const now = performance.now();
    if (now - told > 50) {
      told = now;
      say({type: "progress", done});
    }
  }, loading.signal);
  try {
    const [texts, ...ready] = await Promise.all([tokenizer.then((content) => new Texts(content)), graph, ...parts, runtime.then(Model.start)]);
    say({type: "starting"});
    const [found, ...weights] = /** @type {Uint8Array<ArrayBuffer>[]} */ (ready.slice(0, -1));
    const model = await Model.load(found, manifest.weights, weights);
    const {layers, vocabulary} = manifest, parameters = manifest.weights.reduce((sum, weight) => sum + count(weight), 0);
    loaded = {texts, manifest, model, writer: new Writer(model), size: {layers, vocabulary, parameters}};
  } catch (error) {
    loading.abort(); // the others need not come
    throw error;
  }
  say({type: "ready"});
}

/** @param {{id: number, text: string, target?: number}} message */
async function answer({id, text, target}) {
  if (!loaded) throw new Refusal("The model is not loaded.");
  const {writer, texts, manifest} = loaded;
  const go = stopper(id);
  const ids = texts.ids(text, manifest.longest);
  const given = ids.length;
  /** @type {number[]} */
  const probs = [];
  say({type: "given", id, tokens: texts.tokens(ids, given)});
  const most = Math.min(manifest.max_new_tokens, manifest.longest - given), ended = () => manifest.ends.includes(ids[ids.length - 1]);
  const write = (/** @type {{id: number, prob: number}} */ next) => {
    ids.push(next.id);
    probs.push(next.prob);
    say({type: "token", id, token: texts.token(next.id, "output"), prob: next.prob});
  };
  const reading = (/** @type {number[]} */ all) => ({tokens: texts.tokens(all, given), ids: all, given, kept: all.map(() => 1), rows: new Map(), probs});
  /** @type {import("./passes.js").Passes | undefined} */
  let passes;
  let looked = 0;
  while (probs.length < most && !(probs.length && ended())) {
    await go();
    write(mostProbable(await writer.next(ids)));
    const guess = probs.length !== ALIKE || ended() ? [] : guessed(last, ids, given, most - ALIKE, manifest.ends);
    if (!guess.length) continue;
    const found = await checked(ids, given, guess, (all) => passesFor(reading(all), go, {targets: true}));
    found.tokens.forEach(write);
    [passes, looked] = [found.passes, ids.length];
  }
  /** @type {Answered} */
  const read = reading(ids);
  const chosen = target !== undefined && target >= given && target < ids.length ? target : given;
  const sequence = sequenceOf(read, probs, probs.map(() => 1));
  say({type: "record", id, record: sequence, target: chosen});
  if (looked < ids.length || !passes) passes = await passesFor(read, go, {target: chosen});
  const found = await measured(read, chosen, passes, go, (record) => say({type: "record", id, record, target: chosen}));
  last = read;
  whole = {read, passes};
  say({type: "answer", id, ...found, records: [sequence, ...found.records], target: chosen, given});
}

/**
 * The same text with other tokens struck out: their embeddings are put to zero, which is the occlusion of lensdoc's saliency.
 * @param {{id: number, struck: number[], target: number}} message
 */
async function strike({id, struck, target}) {
  if (!loaded || !last) throw new Refusal("There is no answer yet.");
  if (!loaded.model.strikes) throw new Refusal("The files of this model are older than this page: they cannot strike tokens out. Execute the run again.");
  const go = stopper(id), {tokens, given} = last;
  const chosen = target >= given && target < tokens.length ? target : given;
  const back = struck.length || !whole?.passes.ranks[0].length ? undefined : whole; // no token is struck out any more
  /** @type {Answered} */
  const read = back?.read ?? {...last, kept: tokens.map((_, i) => Number(!struck.includes(i))), rows: new Map()};
  const passes = back?.passes ?? await passesFor(read, go, {targets: true, target: chosen});
  const [probs, ranks] = [passes.probs, passes.ranks].map((rows) => /** @type {number[]} */ (rows.at(-1)));
  const found = await measured(read, chosen, passes, go);
  const changes = targetsOf(read).map((position, i) => ({position, before: last?.probs[i] ?? 0, after: fourDigits(probs[i]), rank: ranks[i]}));
  const would = instead(passes, chosen - given);
  last = read;
  say({type: "struck", id, ...found, records: [sequenceOf(read, probs, ranks), ...found.records], target: chosen, struck, changes, would});
}

/**
 * The token that the model finds most probable at the place of one that it wrote.
 * @param {import("./passes.js").Passes} passes
 * @param {number} target
 */
function instead({top}, target) {
  const {texts} = /** @type {NonNullable<typeof loaded>} */ (loaded), {ids, probs} = /** @type {NonNullable<typeof top[0]>} */ (top.at(-1))[target];
  return {...texts.token(ids[0], "output"), prob: probs[0]};
}

/**
 * The passes that the figure's measures look at.
 * @param {Answered} read
 * @param {() => Promise<void>} go
 * @param {{targets?: boolean, target?: number}} asked whether ranks are needed even if no figure shows them; the token that is explained
 */
async function passesFor(read, go, {targets, target}) {
  const {model, manifest, size} = /** @type {NonNullable<typeof loaded>} */ (loaded), {rankings, predictions, attention, activations, factors, saliency} = manifest.first;
  const passes = await passesOf(model, read, size, {
    targets: targets || Boolean(rankings), end: Boolean(predictions), attention: Boolean(attention) && read.ids.length > 2, neurons: Boolean(activations ?? factors),
    explained: saliency ? target : undefined
  }, go);
  if (passes.saliency) read.rows.set(/** @type {number} */ (target), passes.saliency);
  return passes;
}

/**
 * The records that the figure shows beside the tokens; of those that a text is too short for, the reasons by kind.
 * @param {Answered} read
 * @param {number} target
 * @param {import("./passes.js").Passes} passes
 * @param {() => Promise<void>} go
 * @param {(record: any) => void} [made] is told each record at once: the page draws it while the next is computed
 */
async function measured(read, target, passes, go, made) {
  const {texts, manifest} = /** @type {NonNullable<typeof loaded>} */ (loaded);
  /** @type {Record<string, (first: any) => any>} */
  const measures = {
    rankings: () => rankingsOf(read, passes),
    predictions: () => predictionsOf(texts, read, passes),
    attention: (first) => attentionOf(read, passes, first),
    activations: (first) => activationsOf(read, passes, first),
    saliency: () => explained(read, target, go), // after what the passes found, which the page draws meanwhile
    factors: (first) => factorsOf(read, passes, first)
  };
  const records = [];
  /** @type {Record<string, string>} */
  const without = {};
  for (const [kind, measure] of Object.entries(measures)) {
    if (!manifest.first[kind]) continue;
    await go();
    const found = await measure(manifest.first[kind]);
    if (typeof found === "string") without[kind] = found;
    else {
      records.push(found);
      made?.(found);
    }
  }
  return {records, without};
}

/**
 * The saliency of all targets that were explained until now, this one among them.
 * @param {Answered} read
 * @param {number} target
 * @param {() => Promise<void>} go
 */
async function explained(read, target, go) {
  const {model} = /** @type {NonNullable<typeof loaded>} */ (loaded), {tokens, rows} = read;
  if (!rows.has(target)) {
    await go();
    rows.set(target, await scoresOf(model, read, target));
  }
  const known = [...rows].sort(([a], [b]) => a - b);
  return saliencyOf(tokens, known.map(([t]) => t), known.map(([, row]) => row));
}

/** @param {{id: number, target?: number}} message without a target all tokens that were written are explained */
async function explain({id, target}) {
  if (!loaded || !last) throw new Refusal("There is no answer yet.");
  if (!loaded.manifest.first.saliency) return;
  const read = last, {given, tokens, rows} = read, go = stopper(id);
  const asked = target === undefined ? targetsOf(read) : [target];
  if (!asked.every((t) => t >= given && t < tokens.length)) throw new Refusal("Choose a token that the model wrote.");
  const first = target ?? [...rows.keys()][0];
  for (const t of asked) await explained(read, t, go);
  say({type: "explained", id, target: first, record: await explained(read, first, go)});
}

async function dispose() {
  loading.abort();
  await loaded?.model.dispose();
  loaded = last = whole = undefined;
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
  const work = {load, answer, explain, strike, dispose}[/** @type {"load"} */ (data.type)];
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
