import {greatest, range} from "d3-array";
import {selectAll} from "d3-selection";
import {followSwitch} from "./labels.js";
import {readout} from "./readout.js";
import {roving} from "./roving.js";
import {drawSparklines, moveCursors, tokenAt} from "./sparklines.js";
import {levels} from "./tints.js";
import {text} from "./words.js";

/**
 * What the reader does with the figure: a pin stays, the pointer and the focus come before it; `token` is the one pointed at.
 * @typedef {{pinned: number | null, focused: number | null, hovered: number | null, token: number | null}} State
 */

/** @type {Readonly<State>} */
const REST = {pinned: null, focused: null, hovered: null, token: null};

/** @param {State} state */
const isolated = (state) => state.hovered ?? state.focused ?? state.pinned;

/**
 * Sparklines beside tokens: isolate a factor, read a token.
 * @param {HTMLElement} root
 * @param {{activations: number[][], levels: number}} data
 * @param {AbortSignal} signal
 */
export function factorsView(root, data, signal) {
  const {activations} = data;
  const rows = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".ld-row")]);
  const tokens = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".ld-token")]);
  const charts = /** @type {SVGSVGElement[]} */ (rows.map((row) => row.querySelector("svg")));
  if (!rows.length) return;
  const tints = activations.map((values) => levels(values, data.levels));
  const say = readout(/** @type {HTMLElement} */ (root.querySelector(".ld-live")), signal);
  const tokensSelected = selectAll(tokens);
  const state = {...REST};
  /** @type {number | null} */
  let marked = null;

  let frame = 0;

  function show() {
    frame = 0;
    const factor = isolated(state);
    showFactor(root, rows, tokensSelected, factor, factor === null ? [] : tints[factor]);
    markToken(tokens, marked, state.token);
    marked = state.token;
    rows.forEach((row, i) => row.setAttribute("aria-pressed", String(i === state.pinned)));
    moveCursors(charts, state.token);
  }

  /** @param {Partial<State>} change */
  function update(change) {
    Object.assign(state, change);
    frame ||= requestAnimationFrame(show); // events that follow each other within a frame are shown once
    say(describe(state, activations, tokens));
  }

  drawSparklines(charts, activations);
  labelRows(root, rows, activations, tokens);
  followPointer(root, rows, charts, tokens, state, update, signal);
  followKeys(root, rows, tokens.length, state, update, signal);
  followSwitch(root, signal);
  signal.addEventListener("abort", () => {
    cancelAnimationFrame(frame);
    Object.assign(state, REST);
    show();
  });
}

/**
 * Tint the tokens by one factor, or give back the tints of the page's first state, which stay in the page for print.
 * @param {HTMLElement} root
 * @param {HTMLElement[]} rows
 * @param {import("d3-selection").Selection<HTMLElement, any, any, any>} tokens
 * @param {number | null} factor
 * @param {number[]} tint
 */
function showFactor(root, rows, tokens, factor, tint) {
  rows.forEach((row, i) => row.toggleAttribute("data-isolated", i === factor));
  if (factor === null) {
    root.removeAttribute("data-isolated");
  } else if (root.dataset.isolated !== String(factor + 1)) {
    root.dataset.isolated = String(factor + 1);
    root.dataset.isolatedHue = rows[factor].dataset.hue;
    tokens.attr("data-shown", (_, i) => tint[i]);
  }
}

/**
 * Move the mark from one token to another; only these two are touched, since there may be thousands.
 * @param {HTMLElement[]} tokens
 * @param {number | null} from
 * @param {number | null} to
 */
function markToken(tokens, from, to) {
  if (from !== null) tokens[from].removeAttribute("data-current");
  if (to !== null) tokens[to].setAttribute("data-current", "");
}

/**
 * Rows become toggle buttons with a name that says what the sparkline shows.
 * @param {HTMLElement} root
 * @param {HTMLElement[]} rows
 * @param {number[][]} activations
 * @param {HTMLElement[]} tokens
 */
function labelRows(root, rows, activations, tokens) {
  const bar = /** @type {HTMLElement} */ (root.querySelector(".ld-rows"));
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-orientation", "vertical");
  bar.setAttribute("aria-label", "Factors: up and down choose one, left and right move along the tokens");
  rows.forEach((row, i) => {
    row.setAttribute("role", "button");
    row.setAttribute("aria-label", `F${i + 1}: ${peak(activations[i], tokens)}`);
  });
}

/**
 * Hover previews, a click or tap pins, a press elsewhere releases.
 * @param {HTMLElement} root
 * @param {HTMLElement[]} rows
 * @param {SVGSVGElement[]} charts
 * @param {HTMLElement[]} tokens
 * @param {State} state
 * @param {(change: Partial<State>) => void} update
 * @param {AbortSignal} signal
 */
function followPointer(root, rows, charts, tokens, state, update, signal) {
  rows.forEach((row, i) => {
    row.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") update({hovered: i, token: tokenAt(charts[i], event, tokens.length)});
    }, {signal});
    row.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "touch") update({hovered: null, token: null});
    }, {signal});
    row.addEventListener("click", () => update({pinned: state.pinned === i ? null : i, focused: null, hovered: null}), {signal});
  });
  const sequence = /** @type {HTMLElement} */ (root.querySelector(".ld-tokens"));
  const index = new Map(tokens.map((token, i) => [token, i]));
  /** @param {PointerEvent} event */
  const point = (event) => {
    const token = /** @type {Element} */ (event.target).closest(".ld-token");
    update({token: index.get(/** @type {HTMLElement} */ (token)) ?? null});
  };
  sequence.addEventListener("pointerover", point, {signal});
  sequence.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") update({token: null}); // a finger that is lifted leaves what it read
  }, {signal});
  document.addEventListener("click", (event) => {
    if (isolated(state) === null && state.token === null) return;
    if (!root.contains(/** @type {Node} */ (event.target))) update(REST);
  }, {signal});
}

/**
 * Arrow keys isolate and read, Enter and Space pin, Escape releases; leaving the figure ends the preview.
 * @param {HTMLElement} root
 * @param {HTMLElement[]} rows
 * @param {number} count number of tokens
 * @param {State} state
 * @param {(change: Partial<State>) => void} update
 * @param {AbortSignal} signal
 */
function followKeys(root, rows, count, state, update, signal) {
  const focus = roving(rows, signal);
  rows.forEach((row, i) => {
    row.addEventListener("focus", () => row.matches(":focus-visible") && update({focused: i}), {signal});
    row.addEventListener("blur", () => state.focused !== null && update({focused: null, token: null}), {signal});
  });
  /** @param {number} step */
  const move = (step) => {
    const forward = getComputedStyle(root).direction === "rtl" ? -step : step;
    const from = state.token ?? (forward > 0 ? -1 : count);
    update({token: Math.max(0, Math.min(count - 1, from + forward))});
  };
  /** @type {Record<string, (row: number) => void>} */
  const keys = {
    ArrowDown: (row) => focus(row + 1),
    ArrowUp: (row) => focus(row - 1),
    Home: () => focus(0),
    End: () => focus(rows.length - 1),
    ArrowRight: () => move(1),
    ArrowLeft: () => move(-1),
    PageDown: () => move(10),
    PageUp: () => move(-10),
    Enter: (row) => update({pinned: state.pinned === row ? null : row}),
    " ": (row) => update({pinned: state.pinned === row ? null : row})
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && (isolated(state) !== null || state.token !== null)) update(REST);
  }, {signal});
  root.addEventListener("keydown", (event) => {
    const row = rows.indexOf(/** @type {HTMLElement} */ (event.target));
    if (row < 0 || !keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (!event.repeat || event.key.startsWith("Arrow")) keys[event.key](row);
  }, {signal});
}

/**
 * What the reader points at, in words; nothing when the figure is at rest.
 * @param {State} state
 * @param {number[][]} activations
 * @param {HTMLElement[]} tokens
 */
function describe(state, activations, tokens) {
  const {pinned, token} = state;
  const factor = isolated(state);
  const where = token === null ? null : `Token ${token} ‘${text(tokens[token])}’`;
  if (factor === null) {
    if (token === null) return "";
    const strongest = greatest(range(activations.length), (f) => activations[f][token]) ?? 0;
    const value = activations[strongest][token];
    return value > 0 ? `${where}: strongest in F${strongest + 1}, activation ${value}.` : `${where}: no factor is active.`;
  }
  const pin = factor === pinned ? ", pinned" : "";
  if (token !== null) return `F${factor + 1}${pin}. ${where}: activation ${activations[factor][token]}.`;
  return `F${factor + 1}${pin}: ${peak(activations[factor], tokens)}.`;
}

/**
 * @param {number[]} values
 * @param {HTMLElement[]} tokens
 */
function peak(values, tokens) {
  const at = greatest(range(values.length), (i) => values[i]);
  if (at === undefined || !(values[at] > 0)) return "active on no token";
  return `strongest on token ${at} ‘${text(tokens[at])}’, activation ${values[at]}`;
}
