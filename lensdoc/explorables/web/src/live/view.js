// A figure whose model the reader asks: a button, then a field; the figures below are drawn anew from what the engine answers.
import {followTools} from "../shared.js";
import {Engine} from "./asking.js";
import {controls} from "./controls.js";
import {progress} from "./progress.js";
import {drawnOf, kindOf, leaveOut, redrawn} from "./slots.js";
import {described, striking} from "./striking.js";

/** Above this many bytes a model answers when it is asked, and not while one types. */
const SMALL = 20e6;
/** Milliseconds between two keys of a reader who goes on typing: the text is answered after the last. */
const PAUSE = 120;

/**
 * @param {HTMLElement} root
 * @param {AbortSignal} signal aborts when the element leaves the page
 */
export function liveView(root, signal) {
  followTools(root, signal);
  const place = /** @type {HTMLElement} */ (root.querySelector(":scope > .ld-ask"));
  const said = JSON.parse(/** @type {HTMLTemplateElement} */ (root.querySelector(":scope > .ld-live-data")).content.textContent ?? "");
  const why = refusal(root);
  if (why) {
    place.replaceChildren(Object.assign(document.createElement("p"), {textContent: why, className: "ld-ask-note"}));
    return;
  }
  const figure = root.closest("figure")?.id;
  const ui = controls(place, said, {
    load, stop, run: () => ask(ui.text()), undo: () => strikes.back(),
    typed: () => {
      clearTimeout(timer);
      const first = performance.now() - typed > PAUSE;
      typed = performance.now();
      if (said.bytes > SMALL) return;
      if (first) ask(ui.text());
      else timer = window.setTimeout(() => ask(ui.text()), PAUSE);
    }
  }, signal);
  const strikes = striking(root, strike, signal);
  /** @type {Engine | undefined} */
  let engine;
  let timer = 0, total = 0, typed = -PAUSE, asked = "";
  const written = progress(ui);
  const prompt = promptOf(figure) ?? said.prompt;
  ui.put(prompt);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    written.end();
    engine?.end();
  });

  async function load() {
    ui.loading(0, 0);
    const base = new URL(/** @type {string} */ (root.dataset.files), document.baseURI).href;
    engine?.end();
    const started = engine = new Engine(told); // which comes while the record does
    try {
      const response = await fetch(`${base}.json`, {signal});
      if (!response.ok) throw new Error(String(response.status));
      const record = await response.json();
      if (engine !== started) return; // it was stopped
      const slots = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(":scope > .ld-slot"));
      total = started.load(record, base, said.most, [...slots].map((slot) => slot.dataset.kind ?? ""));
      model = record;
    } catch {
      if (engine !== started) return;
      started.end();
      engine = undefined;
      if (!signal.aborted) ui.failed("The figure's data could not be loaded; is there a connection? Press the button to try again.");
    }
  }
  /** @type {any} the record of the figure */
  let model;
  let drawing = Promise.resolve(true);
  /** @type {Map<string, Promise<HTMLElement>>} figures of the answer that is being computed, by kind */
  let early = new Map();

  /** @param {string} text */
  function ask(text) {
    clearTimeout(timer);
    if (!engine) return;
    asked = text;
    early = new Map();
    ui.working("Writing.");
    written.begin();
    engine.ask(text);
  }

  /** @param {number[]} struck */
  function strike(struck) {
    if (!engine) return;
    written.end();
    ui.working("Reading the text without them.");
    const tokens = [...root.querySelectorAll("lens-saliency .ld-token")];
    engine.strike(struck, tokens.findIndex((token) => token.getAttribute("aria-pressed") === "true"));
  }

  /** @param {string} text */
  function rested(text) {
    written.end();
    ui.rested(text);
  }

  function stop() {
    if (!ui.isReady()) {
      engine?.end();
      engine = undefined;
      ui.failed("Loading was stopped.");
    } else {
      engine?.stop();
    }
  }

  /** @param {import("./asking.js").Message} message */
  function told(message) {
    if (signal.aborted) return;
    if (message.type === "progress") ui.loading(message.done, total);
    if (message.type === "starting") ui.starting();
    if (message.type === "ready") {
      ui.ready();
      ask(ui.text());
    }
    if (message.type === "given") written.given(message.tokens.length);
    if (message.type === "token") written.token(message.token.text);
    if (message.type === "record") {
      const drawn = drawnOf(model, message.record, message.target);
      drawn.catch(() => {}); // it is told when all are shown
      early.set(kindOf(message.record), drawn);
    }
    if (message.type === "answer") void show(message, asked);
    if (message.type === "struck") void showStruck(message);
    if (message.type === "explained") void redraw([message.record], message.target);
    if (message.type === "stopped") rested("Stopped; the figures show the former text.");
    if (message.type === "refused") {
      if (ui.isReady()) return rested(message.message);
      engine?.end();
      engine = undefined;
      ui.failed(message.message);
    }
  }

  /**
   * @param {any} answer
   * @param {string} text
   */
  async function show(answer, text) {
    if (!await redraw(answer.records, answer.target, [], answer.without, early)) return;
    const count = answer.records[0].targets.length;
    rest(answer, count === 1 ? "Done: 1 token written." : `Done: ${count} tokens written.`);
    requestAnimationFrame(() => setTimeout(() => !signal.aborted && addressed(text))); // browsers lay the page out to write an address
  }

  /** @param {string} text */
  function addressed(text) {
    if (figure && text !== said.prompt) history.replaceState(history.state, "", `#${figure}:prompt=${encodeURIComponent(text)}`);
    else if (promptOf(figure) !== undefined) history.replaceState(history.state, "", location.pathname + location.search);
  }

  /** @param {any} answer */
  async function showStruck(answer) {
    const {tokens} = answer.records[0];
    if (await redraw(answer.records, answer.target, answer.struck, answer.without)) rest(answer, described({...answer, tokens}));
  }

  /**
   * @param {any} answer
   * @param {string} text what is said of it
   */
  function rest(answer, text) {
    const struck = strikes.struck(), {tokens} = answer.records[0], last = struck.at(-1);
    const without = struck.length ? " without the tokens that are struck out" : "";
    /** @type {HTMLElement} */ (root.querySelector(":scope > .ld-origin")).textContent = `Computed in your browser from your text${without}; not part of the verified data.`;
    root.toggleAttribute("data-computed", true);
    rested(text);
    ui.undoes(last === undefined ? "" : `Undo: put ‘${tokens[last].text}’ back`);
    if (answer.records.length > 1) engine?.explainAll();
  }

  /**
   * Whether all figures could be drawn; if one cannot, all stay as they are.
   * @param {any[]} records
   * @param {number} target the token that is explained
   * @param {number[]} [struck] the tokens that are struck out from now on
   * @param {Record<string, string>} [without] kinds that the text is too short for, and why
   * @param {Map<string, Promise<HTMLElement>>} [drawn] those that are drawn already
   */
  function redraw(records, target, struck, without, drawn) {
    return (drawing = drawing.then(() => redrawNow(records, target, struck, without, drawn))); // one answer after the other
  }

  /** @type {(records: any[], target: number, struck?: number[], without?: Record<string, string>, drawn?: Map<string, Promise<HTMLElement>>) => Promise<boolean>} */
  async function redrawNow(records, target, struck = strikes.struck(), without = {}, drawn = new Map()) {
    const before = strikes.struck();
    try {
      strikes.put(struck);
      const showAll = await redrawn(root, model, records, target, strikes.mark, drawn);
      if (signal.aborted) return false;
      showAll();
      for (const [kind, why] of Object.entries(without)) leaveOut(root, kind, why);
      return true;
    } catch (error) {
      strikes.put(before);
      rested(`The answer could not be drawn: ${error instanceof Error ? error.message : error}`);
      return false;
    }
  }
}

/**
 * Why the model cannot be asked here, in words; undefined where it can.
 * @param {HTMLElement} root
 */
function refusal(root) {
  if (root.dataset.without) return root.dataset.without;
  if (location.protocol === "file:") {
    return "To ask the model yourself, open this page from a web server; one is started in the site's folder by: python3 -m http.server";
  }
  if (!root.dataset.files) return "The model can be asked on the page of this figure.";
  if (!("Worker" in window && "WebAssembly" in window && "DecompressionStream" in window)) {
    return "This browser cannot run the model: it lacks WebAssembly, workers or decompression. The figure shows its first state.";
  }
  return undefined;
}

/**
 * The prompt that the address names for the figure.
 * @param {string | undefined} id
 */
function promptOf(id) {
  const begin = `#${id}:prompt=`;
  if (!id || !location.hash.startsWith(begin)) return undefined;
  try {
    return decodeURIComponent(location.hash.slice(begin.length));
  } catch {
    return undefined;
  }
}
