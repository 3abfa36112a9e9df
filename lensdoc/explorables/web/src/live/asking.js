// The engine of one figure, as the figure sees it: a worker that is started when the reader asks, and ended with the figure.
import {address} from "../shared.js";

/** @typedef {{type: string, id?: number, [field: string]: any}} Message */

export class Engine {
  /** @param {(message: Message) => void} told receives what the worker says, of the newest question alone */
  constructor(told) {
    this.told = told;
    this.asked = 0;
    this.worker = new Worker(address(`live/worker.js?${ENGINE.worker}`), {type: "module"});
    this.worker.addEventListener("message", ({data}) => {
      if (data.id === undefined || data.id === this.asked) this.told(data);
    });
    this.worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.told({type: "refused", message: "The engine could not be started; is there a connection? Press the button to try again."});
    });
  }

  /**
   * @param {any} record of kind live
   * @param {string} base address of its file, without suffix
   * @param {number} most tokens that are written at most
   * @param {string[]} kinds of the figures that are shown; others are not computed
   */
  load(record, base, most, kinds) {
    const files = [{url: address(`live/runtime.wasm.gz?${ENGINE.sha256.slice(0, 8)}`), size: ENGINE.size, sha256: ENGINE.sha256}];
    for (const suffix of [record.graph, record.tokenizer, ...record.parts]) {
      files.push({url: `${base}.${suffix}`, size: record.files[suffix].size, sha256: record.files[suffix].sha256});
    }
    const manifest = {
      weights: record.weights, layers: record.model.layers, vocabulary: record.model.vocabulary, longest: record.longest,
      ends: record.ends, max_new_tokens: most, first: Object.fromEntries(kinds.map((kind) => [kind, record.records[kind]]))
    };
    this.worker.postMessage({type: "load", files, manifest});
    return files.reduce((sum, file) => sum + file.size, 0);
  }

  /** @param {string} text */
  ask(text) {
    this.worker.postMessage({type: "answer", id: ++this.asked, text});
  }

  /** Have the other tokens of the last answer explained too, until the next question. */
  explainAll() {
    this.worker.postMessage({type: "explain", id: this.asked});
  }

  /**
   * The last answer again, with these tokens struck out and no others.
   * @param {number[]} struck positions
   * @param {number} target the token that is explained
   */
  strike(struck, target) {
    this.worker.postMessage({type: "strike", id: ++this.asked, struck, target});
  }

  stop() {
    this.worker.postMessage({type: "stop"});
  }

  /** The worker frees what it holds and ends; one that does not answer is ended. */
  end() {
    this.told = () => {};
    this.worker.postMessage({type: "stop"});
    this.worker.postMessage({type: "dispose"});
    setTimeout(() => this.worker.terminate(), 500);
  }
}
