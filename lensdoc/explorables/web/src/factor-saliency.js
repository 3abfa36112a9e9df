import {followSwitch} from "./labels.js";
import {afterMove, dismiss} from "./moves.js";
import {exact} from "./numbers.js";
import {readout, summaryIn} from "./readout.js";
import {followPassages, listPassages, reveal, visitor} from "./passages.js";
import {PINNED} from "./pins.js";
import {figure, followKeys, followPointer, labelRows} from "./rows.js";
import {even, named, showScores} from "./scores.js";
import {drawSparklines, moveCursors} from "./sparklines.js";
import {followStates, keepState} from "./states.js";
import {followStrip} from "./strip.js";
import {numbered, quoted} from "./words.js";

/**
 * @typedef {{factor: number[], targets: number[], activations: number[][], limits: number[], scores: number[][][], signed: boolean, largest?: number,
 *   levels: number, chosen: [number, number]}} Data
 */

/**
 * What the reader does: `row` and `target` are pinned; what is hovered, else focused, is shown instead of them.
 * @typedef {{row: number, target: number, focused: number | null, hovered: number | null, place: number | null}} State
 */

/**
 * A line for each factor; the scores of the factor and target that are chosen stand on the tokens.
 * @param {HTMLElement} root
 * @param {Data} data
 * @param {AbortSignal} signal
 */
export function factorSaliencyView(root, data, signal) {
  const tokens = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".ld-token")]);
  const targets = data.targets.map((position) => tokens[position]);
  const drawn = figure(root, targets);
  const say = readout(/** @type {HTMLElement} */ (root.querySelector(".ld-live")), signal);
  const summary = summaryIn(root);
  const [row, target] = data.chosen;
  /** @type {State} */
  const first = {row, target, focused: null, hovered: null, place: null};
  const state = {...first};
  const notched = root.style.getPropertyValue("--ld-even") !== "";
  let shown = `${data.chosen}`;
  const visit = visitor(tokens, say);
  const strip = followStrip(drawn, (f) => update({row: f, hovered: null, place: null}), signal);

  /** @returns {[number, number]} */
  const current = () => [state.hovered ?? state.focused ?? state.row, state.place ?? state.target];

  const atRest = () => state.row === row && state.target === target;

  function show() {
    const [f, t] = current();
    strip(atRest() ? null : state.row);
    keepState(root, {factor: data.factor[state.row], token: data.targets[state.target]}, atRest());
    drawn.rows.forEach((one, i) => {
      one.toggleAttribute("data-chosen", i === f);
      one.setAttribute("aria-pressed", String(i === state.row));
    });
    if (shown === `${[f, t]}`) return;
    shown = `${[f, t]}`;
    showScores(tokens, data.scores[f][t], data.targets[t], data, {largest: data.largest, hue: data.signed ? "1" : drawn.rows[f].dataset.hue, notched});
    if (notched) root.style.setProperty("--ld-even", even(data.scores[f][t], data.levels, data.largest));
    visit(null);
    listPassages(root, tokens, data.scores[f][t], data.targets[t], data.signed);
    moveCursors(drawn.charts, t);
  }

  /** @param {Partial<State>} change */
  function update(change) {
    Object.assign(state, change);
    afterMove(show);
    const [f, t] = current();
    say(describe(data, f, t, tokens, !atRest() && f === state.row && t === state.target ? PINNED : ""));
    if (("row" in change || "target" in change) && summary) summary.textContent = describe(data, state.row, state.target, tokens); // which is printed
  }

  /** The same once more takes it back. @param {number} f @param {number} t */
  const choose = (f, t) => update({...(f === state.row && t === state.target ? {row, target} : {row: f, target: t}), hovered: null, place: null});

  /** @type {import("./rows.js").Reader} */
  const reader = {
    point: update,
    choose: (f, t) => choose(f, t ?? current()[1]),
    from: () => current()[1]
  };
  drawSparklines(drawn.charts, data.activations, data.limits, false);
  labelRows(drawn, "Factors: up and down choose one, left and right move along the explained tokens", (f) => `F${data.factor[f]}`);
  followPointer(drawn, reader, signal);
  followKeys(drawn, reader, signal, row);
  const sequence = /** @type {HTMLElement} */ (root.querySelector(".ld-tokens"));
  sequence.addEventListener("click", (event) => {
    const token = /** @type {Element} */ (event.target).closest(".ld-token");
    const t = targets.indexOf(/** @type {HTMLElement} */ (token));
    if (t >= 0) choose(current()[0], t);
  }, {signal});
  followStates(root, {
    names: ["factor", "token"],
    values: data.factor,
    put({factor = data.factor[row], token = data.targets[target]}, byLink) {
      const f = data.factor.indexOf(factor), t = data.targets.indexOf(token);
      if (f < 0 || t < 0) return false;
      if (byLink) drawn.rows[f].focus();
      reveal(targets[t]);
      update({...first, row: f, target: t});
    },
    rest: () => update(first)
  }, signal);
  followSwitch(root, signal);
  followPassages(root, visit, signal);
  reveal(targets[target]);
  show();
  signal.addEventListener("abort", () => {
    update(first);
    dismiss(show);
    show();
  });
}

/**
 * A factor at a target and what drove it, in words.
 * @param {Data} data
 * @param {number} f
 * @param {number} t
 * @param {HTMLElement[]} tokens
 */
function describe(data, f, t, tokens, pin = "") {
  const position = data.targets[t];
  const scores = data.scores[f][t];
  const begins = `F${data.factor[f]} is ${exact(data.activations[f][t])} at ${numbered(tokens[position], position)} ${quoted(tokens[position])}${pin}`;
  if (!scores.some(Boolean)) return `${begins}: nothing drives it.`;
  return `${begins}: ${data.signed ? "scores" : "driven by"} ${named(tokens, scores, data.signed)}.`;
}
