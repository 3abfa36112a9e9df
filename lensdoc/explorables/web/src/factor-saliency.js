import {followSwitch} from "./labels.js";
import {exact} from "./numbers.js";
import {readout} from "./readout.js";
import {followPassages, listPassages, reveal, visitor} from "./passages.js";
import {figure, followKeys, followPointer, labelRows} from "./rows.js";
import {named, showScores} from "./scores.js";
import {drawSparklines, moveCursors} from "./sparklines.js";
import {followStates, keepState} from "./states.js";
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
  const summary = root.querySelector(".ld-summary")?.lastChild;
  const [row, target] = data.chosen;
  /** @type {State} */
  const first = {row, target, focused: null, hovered: null, place: null};
  const state = {...first};
  let shown = `${data.chosen}`;
  let frame = 0;
  const visit = visitor(tokens, say);

  /** @returns {[number, number]} */
  const current = () => [state.hovered ?? state.focused ?? state.row, state.place ?? state.target];

  function show() {
    frame = 0;
    const [f, t] = current();
    keepState(root, `factor=${data.factor[state.row]}`, state.row === row);
    drawn.rows.forEach((one, i) => {
      one.toggleAttribute("data-chosen", i === f);
      one.setAttribute("aria-pressed", String(i === state.row));
    });
    if (shown === `${[f, t]}`) return;
    shown = `${[f, t]}`;
    showScores(tokens, data.scores[f][t], data.targets[t], data, {largest: data.largest, hue: data.signed ? "1" : drawn.rows[f].dataset.hue});
    visit(null);
    listPassages(root, tokens, data.scores[f][t], data.targets[t], data.signed);
    moveCursors(drawn.charts, t);
  }

  /** @param {Partial<State>} change */
  function update(change) {
    Object.assign(state, change);
    frame ||= requestAnimationFrame(show);
    say(describe(data, ...current(), tokens));
    if ("row" in change && summary) summary.textContent = describe(data, state.row, state.target, tokens); // which is printed
  }

  /** @type {import("./rows.js").Reader} */
  const reader = {
    point: update,
    choose: (f, t) => update({row: f, target: t ?? current()[1], hovered: null, place: null}),
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
    if (t >= 0) update({row: current()[0], target: t, place: null});
  }, {signal});
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") update({focused: null, hovered: null, place: null});
  }, {signal});
  followStates(root, {
    name: "factor",
    values: data.factor,
    put(number, byLink) {
      const f = data.factor.indexOf(number);
      if (f < 0) return;
      if (byLink) drawn.rows[f].focus();
      update({...first, row: f, target: state.target});
    },
    rest: () => update(first)
  }, signal);
  followSwitch(root, signal);
  followPassages(root, visit, signal);
  reveal(targets[target]);
  show();
  signal.addEventListener("abort", () => {
    update(first);
    cancelAnimationFrame(frame);
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
function describe(data, f, t, tokens) {
  const position = data.targets[t];
  const scores = data.scores[f][t];
  const begins = `F${data.factor[f]} is ${exact(data.activations[f][t])} at ${numbered(tokens[position], position)} ${quoted(tokens[position])}`;
  if (!scores.some(Boolean)) return `${begins}: nothing drives it.`;
  return `${begins}: ${data.signed ? "scores" : "driven by"} ${named(tokens, scores, data.signed)}.`;
}
