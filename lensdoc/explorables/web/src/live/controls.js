// What the reader presses and types, and what is said of it: made of elements and text nodes alone.

/**
 * @typedef {object} Acts
 * @property {() => void} load
 * @property {() => void} run
 * @property {() => void} stop
 * @property {() => void} undo
 * @property {() => void} typed
 */

/** @param {number} bytes */
const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 9.95e6 ? 1 : 0);
const HINT = "A click on a token of the text below strikes it out, and so does the Delete key on it: its embedding is put to zero.";
let count = 0;

/**
 * @param {HTMLElement} place
 * @param {{bytes: number, most: number, prompt: string, model: string}} said
 * @param {Acts} acts
 * @param {AbortSignal} signal
 */
export function controls(place, said, acts, signal) {
  const id = `ld-ask-${++count}`;
  const size = megabytes(said.bytes + ENGINE.size);
  const start = button(`Ask it yourself (loads ${size} MB, once)`, () => acts.load());
  const stop = button("Stop", () => acts.stop());
  const run = button("Run", () => {});
  run.type = "submit";
  const bar = set(document.createElement("progress"), {max: 1, value: 0, hidden: true});
  bar.setAttribute("aria-label", "Loading the model");
  const field = set(document.createElement("textarea"), {id, rows: 2, spellcheck: false, hidden: false});
  field.setAttribute("aria-describedby", `${id}-count`);
  const label = set(document.createElement("label"), {htmlFor: id, textContent: "Your text, which the model continues"});
  const counted = set(document.createElement("span"), {id: `${id}-count`, className: "ld-ask-count"});
  const form = set(document.createElement("form"), {hidden: true, className: "ld-ask-form"});
  const row = set(document.createElement("div"), {className: "ld-ask-row"});
  const undo = button("", () => acts.undo());
  undo.hidden = true;
  row.append(run, counted);
  const hint = set(document.createElement("p"), {className: "ld-ask-hint", textContent: HINT});
  form.append(label, field, row, hint);
  const message = set(document.createElement("p"), {className: "ld-ask-note"});
  message.setAttribute("role", "status");
  const written = set(document.createElement("p"), {className: "ld-ask-written", hidden: true});
  const line = set(document.createElement("div"), {className: "ld-ask-row"});
  line.append(start, bar, stop);
  const outcome = set(document.createElement("div"), {className: "ld-ask-row"});
  outcome.append(message, undo);
  place.replaceChildren(line, form, written, outcome);
  stop.hidden = true;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    acts.run();
  }, {signal});
  field.addEventListener("input", () => acts.typed(), {signal});
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    acts.run();
  }, {signal});

  let told = "";
  const tell = (/** @type {string} */ text) => {
    if (text !== told) message.textContent = told = text; // a screen reader hears each message once
  };

  return {
    text: () => field.value,
    /** @param {string} text */
    put: (text) => void (field.value = text),
    isReady: () => !form.hidden,
    /** @param {number} done @param {number} total */
    loading(done, total) {
      start.hidden = true;
      bar.hidden = stop.hidden = false;
      bar.value = total ? done / total : 0;
      bar.textContent = total ? `${Math.round(100 * done / total)} %` : "";
      tell(`Loading ${size} MB; the browser keeps them.`);
      counted.textContent = "";
    },
    starting() {
      bar.removeAttribute("value");
      tell("Loaded. The model is starting.");
    },
    ready() {
      bar.hidden = true;
      form.hidden = false;
      row.insertBefore(stop, counted);
      stop.hidden = false;
      stop.disabled = true;
      const focused = document.activeElement;
      if (focused === document.body || focused === stop || place.contains(focused)) field.focus({preventScroll: true});
      tell("The model is ready.");
    },
    /** @param {string} text */
    working(text) {
      stop.disabled = false;
      written.textContent = "";
      tell(text);
    },
    /** @param {string} text on the button that takes the last strike back; empty where there is none */
    undoes(text) {
      if (!text && document.activeElement === undo) field.focus({preventScroll: true});
      undo.textContent = text;
      undo.hidden = !text;
    },
    /** @param {number} tokens */
    counted: (tokens) => void (counted.textContent = tokens === 1 ? "1 token" : `${tokens} tokens`),
    /** @param {string} text */
    written(text) {
      written.hidden = false;
      written.textContent = `… ${text}`;
    },
    /** @param {string} text */
    rested(text) {
      stop.disabled = true;
      written.hidden = true;
      tell(text);
    },
    /** @param {string} text */
    failed(text) {
      bar.hidden = stop.hidden = true;
      start.hidden = false;
      start.focus({preventScroll: true});
      tell(text);
    }
  };
}

/**
 * @template {HTMLElement} Made
 * @param {Made} made
 * @param {Record<string, unknown>} properties
 */
const set = (made, properties) => Object.assign(made, properties);

/**
 * @param {string} text
 * @param {() => void} act
 */
function button(text, act) {
  const made = set(document.createElement("button"), {type: "button", textContent: text, className: "ld-button"});
  made.addEventListener("click", act);
  return made;
}
