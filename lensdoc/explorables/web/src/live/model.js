// The graph of a live model in ONNX Runtime, on one thread.
import * as ort from "onnxruntime-web/wasm";
import {WeightsFile, count} from "./weights.js";

/** Above so many bytes of weights in float32 memory matters more than speed: no copies of them are made in an order that is read faster. */
const LARGE = 600e6;

/** A graph that gives what it is given. */
const NOTHING = "CAgSADo3ChAKAWESAWIiCElkZW50aXR5EgFnWg8KAWESCgoICAESBAoCCAFiDwoBYhIKCggIARIECgIIAUIECgAQDQ==";

/** @typedef {import("./weights.js").Weight} Weight */

/**
 * @typedef {object} Asked
 * @property {number[]} ids
 * @property {number[]} [kept] by what each embedding is multiplied: 0 strikes a token out, 1 keeps it
 * @property {number[]} [places] positions whose next token is looked at after every layer
 * @property {number[]} [wanted] the tokens whose ranks are asked for there
 * @property {number} [at] the position whose next token is explained
 * @property {number} [token] the token that is explained
 * @property {boolean} [attention] whether attention weights are asked for
 * @property {boolean} [neurons] whether activations of neurons are asked for
 * @property {Float32Array} [past] keys and values of the tokens before these, a row for each
 * @property {boolean} [cache] whether those of these tokens are asked for
 */

export class Model {
  /** @param {ort.InferenceSession} session */
  constructor(session) {
    this.session = session;
    const past = /** @type {any} */ (session.inputMetadata.find(({name}) => name === "past"));
    /** Numbers that the keys and values of a token are; 0 where the graph reads a text as a whole alone, as those of older runs. */
    this.row = past ? Number(past.shape[1]) : 0;
  }

  /**
   * Start ONNX Runtime, which it does with its first session: one of a graph that does nothing, while the model is still being loaded.
   * @param {Uint8Array<ArrayBuffer>} runtime its WebAssembly
   */
  static async start(runtime) {
    ort.env.wasm.numThreads = 1; // threads need headers that hosts of static pages do not send
    ort.env.wasm.proxy = false;
    ort.env.wasm.wasmBinary = runtime.buffer;
    ort.env.logLevel = "error";
    const nothing = Uint8Array.from(atob(NOTHING), (letter) => letter.charCodeAt(0));
    await (await ort.InferenceSession.create(nothing, {executionProviders: ["wasm"]})).release();
    ort.env.wasm.wasmBinary = undefined;
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} graph
   * @param {Weight[]} weights
   * @param {Uint8Array<ArrayBuffer>[]} parts emptied
   */
  static async load(graph, weights, parts) {
    const size = weights.reduce((sum, weight) => sum + 4 * count(weight), 0);
    const saving = size > LARGE ? {extra: {session: {disable_prepacking: "1"}}} : {};
    const session = await ort.InferenceSession.create(graph, {
      executionProviders: ["wasm"], logSeverityLevel: 3, graphOptimizationLevel: "disabled", // the graph was optimised when it was exported
      // With one thread the same in the same order; but no memory is planned to be used again, which takes the square of the operations.
      executionMode: "parallel",
      externalData: [{path: "weights", data: new WeightsFile(weights, parts)}], ...saving
    });
    parts.length = 0;
    return new Model(session);
  }

  /**
   * @param {Asked} asked
   * @returns {Promise<Record<string, {data: any, dims: readonly number[]}>>}
   */
  async run({ids, kept, places, wanted, at, token, attention, neurons, past, cache}) {
    /** @type {Record<string, ort.Tensor>} */
    const given = {
      ids: whole(ids, [1, ids.length]),
      places: whole(places ?? []),
      wanted: whole(wanted ?? []),
      at: whole([at ?? 0]),
      token: whole([token ?? 0]),
      kept: new ort.Tensor("float32", Float32Array.from(kept ?? ids.map(() => 1)), [ids.length]),
      lens: asks(places !== undefined),
      saliency: asks(token !== undefined),
      attention: asks(attention),
      neurons: asks(neurons),
      past: new ort.Tensor("float32", past ?? new Float32Array(), [(past?.length ?? 0) / this.row || 0, this.row]),
      cache: asks(cache)
    };
    const known = Object.fromEntries(Object.entries(given).filter(([name]) => this.session.inputNames.includes(name)));
    const found = await this.session.run(known);
    return /** @type {any} */ (found);
  }

  /** Graphs of older runs multiply no embeddings. */
  get strikes() {
    return this.session.inputNames.includes("kept");
  }

  async dispose() {
    await this.session.release();
  }
}

/**
 * @param {number[]} numbers
 * @param {number[]} [dims]
 */
const whole = (numbers, dims) => new ort.Tensor("int64", BigInt64Array.from(numbers, BigInt), dims ?? [numbers.length]);

/** @param {boolean} [whether] */
const asks = (whether) => new ort.Tensor("bool", [Number(Boolean(whether))], []);
