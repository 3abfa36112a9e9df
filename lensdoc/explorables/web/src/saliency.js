import {greatest, max, range} from "d3-array";
import {followSwitch} from "./labels.js";
import {afterMove, dismiss} from "./moves.js";
import {followPassages, listPassages, reveal, visitor} from "./passages.js";
import {PINNED} from "./pins.js";
import {readout, summaryIn} from "./readout.js";
import {roving} from "./roving.js";
import {followStates, keepState} from "./states.js";
import {even, named, showScores} from "./scores.js";
import {spelled} from "./turn.js";
import {about, forward, text} from "./words.js";

/**
 * @typedef {{targets: number[], scores: number[][], signed: boolean, levels: number, chosen: number, notes?: string[], largest?: number, swaps?: string[][][]}} Data
 * @typedef {{pinned: number, focused: number | null, hovered: number | null}} State which target; the pointer comes before the focus
 */

/**
 * Produced tokens to choose from; the chosen one's scores stand on the tokens before it.
 * @param {HTMLElement} root
 * @param {Data} data
 * @param {AbortSignal} signal
 */
export function saliencyView(root, data, signal) {
  const tokens = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".ld-token")]);
  const targets = data.targets.map((position) => tokens[position]);
  const say = readout(/** @type {HTMLElement} */ (root.querySelector(".ld-live")), signal);
  const largest = data.largest ?? (root.dataset.scale === "shared" ? max(data.scores, (row) => max(row, Math.abs)) ?? 0 : null);
  /** @type {State} */
  const state = {pinned: data.chosen, focused: null, hovered: null};
  let shown = data.chosen;
  const swaps = root.querySelectorAll(".ld-swaps td");
  const summary = summaryIn(root);
  const visit = visitor(tokens, say), notched = root.style.getPropertyValue("--ld-even") !== "";

  function show() {
    const index = state.hovered ?? state.focused ?? state.pinned;
    if (index !== shown) {
      showScores(tokens, data.scores[index], data.targets[index], data, {largest, notched});
      if (notched) root.style.setProperty("--ld-even", even(data.scores[index], data.levels, largest, unscored(data.scores[index], data.targets[index])));
      data.swaps?.[index].flat().forEach((text, i) => (swaps[i].textContent = text));
      visit(null);
      listPassages(root, tokens, data.scores[index], data.targets[index], data.signed, unscored(data.scores[index], data.targets[index]));
    }
    shown = index;
    keepState(root, {token: data.targets[state.pinned]}, state.pinned === data.chosen);
    targets.forEach((token, i) => token.setAttribute("aria-pressed", String(i === state.pinned)));
  }

  /** @param {Partial<State>} change */
  function update(change) {
    Object.assign(state, change);
    afterMove(show);
    const index = state.hovered ?? state.focused ?? state.pinned;
    const idle = (state.hovered ?? state.focused) === null && index === data.chosen;
    say(idle ? "" : describe(data, index, tokens, index === state.pinned && index !== data.chosen ? PINNED : ""));
    if ("pinned" in change && summary) summary.textContent = describe(data, state.pinned, tokens); // which is printed
  }

  nameTargets(root, targets);
  followPointer(root, targets, state, data.chosen, update, signal);
  followKeys(root, targets, state, update, signal);
  followSwitch(root, signal);
  followPassages(root, visit, signal);
  reveal(targets[data.chosen]);
  followStates(root, {
    names: ["token"],
    values: data.targets.filter((position) => spelled(tokens[position])),
    put({token}, byLink) {
      const target = data.targets.indexOf(token);
      if (target < 0) return false;
      if (byLink) targets[target].focus();
      reveal(targets[target]);
      update({pinned: target, focused: null, hovered: null});
    },
    rest: () => update({pinned: data.chosen, focused: null, hovered: null})
  }, signal);
  show();
  signal.addEventListener("abort", () => {
    update({pinned: data.chosen, focused: null, hovered: null});
    dismiss(show);
    show();
  });
}

/**
 * How many of the scores are none: where a mask was explained, that of its own place.
 * @param {number[]} scores
 * @param {number} target
 */
const unscored = (scores, target) => Number(target < scores.length);

/**
 * Targets become toggle buttons in one bar.
 * @param {HTMLElement} root
 * @param {HTMLElement[]} targets
 */
function nameTargets(root, targets) {
  const bar = /** @type {HTMLElement} */ (root.querySelector(".ld-tokens"));
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Tokens: the arrow keys choose one of those that are explained");
  for (const token of targets) {
    token.setAttribute("role", "button");
    token.setAttribute("aria-label", token.dataset.said ?? text(token));
  }
}

/**
 * @param {HTMLElement} root
 * @param {HTMLElement[]} targets
 * @param {State} state
 * @param {number} rest the target that is shown when none is pinned
 * @param {(change: Partial<State>) => void} update
 * @param {AbortSignal} signal
 */
function followPointer(root, targets, state, rest, update, signal) {
  const index = new Map(targets.map((token, i) => [token, i]));
  /** @param {Event} event */
  const at = (event) => {
    const token = /** @type {Element} */ (event.target).closest(".ld-token");
    return index.get(/** @type {HTMLElement} */ (token)) ?? null;
  };
  const sequence = /** @type {HTMLElement} */ (root.querySelector(".ld-tokens"));
  sequence.addEventListener("pointerover", (event) => event.pointerType !== "touch" && update({hovered: at(event)}), {signal});
  sequence.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && update({hovered: null}), {signal});
  sequence.addEventListener("click", (event) => {
    const target = at(event);
    if (target !== null) update({pinned: target === state.pinned ? rest : target, focused: null, hovered: null});
  }, {signal});
}

/**
 * Arrow keys move along the targets, up and down by lines as they are seen; Enter and Space keep one.
 * @param {HTMLElement} root
 * @param {HTMLElement[]} targets
 * @param {State} state
 * @param {(change: Partial<State>) => void} update
 * @param {AbortSignal} signal
 */
function followKeys(root, targets, state, update, signal) {
  const focus = roving(targets, signal, state.pinned);
  targets.forEach((token, i) => {
    token.addEventListener("focus", () => token.matches(":focus-visible") && update({focused: i}), {signal});
    token.addEventListener("blur", (event) => {
      if (state.focused === null) return;
      // When the focus goes to the list of passages, that list must stay the one of the token that was shown.
      const listed = /** @type {Element | null} */ (event.relatedTarget)?.closest(".ld-passages");
      update(listed ? {pinned: i, focused: null} : {focused: null});
    }, {signal});
  });
  const step = forward(root.querySelector(".ld-tokens"));
  /** @type {Record<string, (i: number) => void>} */
  const keys = {
    ArrowRight: (i) => focus(i + step),
    ArrowLeft: (i) => focus(i - step),
    ArrowDown: (i) => focus(onNextLine(targets, i, 1)),
    ArrowUp: (i) => focus(onNextLine(targets, i, -1)),
    PageDown: (i) => focus(i + 10),
    PageUp: (i) => focus(i - 10),
    Home: () => focus(0),
    End: () => focus(targets.length - 1),
    Enter: (i) => update({pinned: i}),
    " ": (i) => update({pinned: i}),
    Escape: () => update({focused: null, hovered: null})
  };
  root.addEventListener("keydown", (event) => {
    const target = targets.indexOf(/** @type {HTMLElement} */ (event.target));
    if (target < 0 || !keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key](target);
  }, {signal});
}

/**
 * The item on the next line that stands nearest below (or above) this one.
 * @param {HTMLElement[]} items
 * @param {number} from
 * @param {1 | -1} step
 */
function onNextLine(items, from, step) {
  const boxes = items.map((item) => item.getBoundingClientRect());
  const here = boxes[from];
  const beyond = range(items.length).filter((i) => step * (boxes[i].top - here.top) > here.height / 2);
  const line = greatest(beyond, (i) => -step * boxes[i].top);
  if (line === undefined) return from;
  const same = beyond.filter((i) => Math.abs(boxes[i].top - boxes[line].top) <= here.height / 2);
  return greatest(same, (i) => -Math.abs(boxes[i].left - here.left)) ?? from;
}

/**
 * A target and what mattered most for it, in words.
 * @param {Data} data
 * @param {number} index
 * @param {HTMLElement[]} tokens
 */
function describe(data, index, tokens, pin = "") {
  const position = data.targets[index];
  const text = `${about(tokens[position], position)}${pin}: ${named(tokens, data.scores[index], data.signed)}.`, note = data.notes?.[index] ?? "";
  return data.swaps ? text + note : note + text;
}
