import {chunked} from "./chunks.js";
import {followSwitch} from "./labels.js";
import {afterMove, dismiss} from "./moves.js";
import {exact} from "./numbers.js";
import {readout, summaryIn} from "./readout.js";
import {figure, followKeys, followPointer, labelRows} from "./rows.js";
import {PINNED, onPressElsewhere} from "./pins.js";
import {peakAt} from "./sparkline-path.js";
import {cursorOver, drawSparklines} from "./sparklines.js";
import {followStates, keepState} from "./states.js";
import {followStrip} from "./strip.js";
import {levels, makeTints, put} from "./tints.js";
import {about, numbered, quoted} from "./words.js";

/**
 * `limits` is what full height and tint stand for, `firsts` says in words how a first-token factor compares, `clipped` where it
 * goes beyond its limit, `left` where nothing was measured, `steady` says in words how far each was found again; `chosen` is pinned at first.
 * @typedef {{activations: number[][], levels: number, limits: number[], firsts: (string | null)[], clipped: number[][],
 *   signed: boolean, left: number[], steady?: string[], chosen?: number}} Data
 */

/**
 * What the reader does with the figure: what is hovered, else focused, is shown instead of the pinned factor, and the token pointed
 * at, `place`, instead of the one that is pinned.
 * @typedef {{pinned: number | null, focused: number | null, hovered: number | null, place: number | null, token: number | null}} State
 */

/** @type {Readonly<State>} */
const REST = {pinned: null, focused: null, hovered: null, place: null, token: null};

/** @param {State} state */
const isolated = (state) => state.hovered ?? state.focused ?? state.pinned;

/** @param {State} state */
const placeOf = (state) => state.place ?? state.token;

/**
 * @param {State} state
 * @returns {import("./states.js").State | null}
 */
function kept({pinned, token}) {
  const found = {...(pinned === null ? {} : {factor: pinned + 1}), ...(token === null ? {} : {token})};
  return Object.keys(found).length ? found : null;
}

/**
 * Sparklines beside tokens: isolate a factor, read a token.
 * @param {HTMLElement} root
 * @param {Data} data
 * @param {AbortSignal} signal
 */
export function factorsView(root, data, signal) {
  const tokens = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".ld-token")]);
  const shown = figure(root, tokens);
  const {rows, charts} = shown;
  if (!rows.length) return;
  const say = readout(/** @type {HTMLElement} */ (root.querySelector(".ld-live")), signal);
  const isolate = moved(rows, (row, on) => row.toggleAttribute("data-isolated", on), (on) => root.toggleAttribute("data-lit", on));
  const press = moved(rows, (row, on) => row.setAttribute("aria-pressed", String(on)));
  const strip = followStrip(shown, (row) => update({pinned: row}), signal);
  const cursor = cursorOver(/** @type {HTMLElement} */ (root.querySelector(".ld-rows")), charts, tokens.length, signal);
  const tint = tinted(root, tokens, data, rows, signal);
  const summary = summaryIn(root), told = summary?.textContent ?? "";
  const first = {...REST, pinned: data.chosen ?? null};
  const state = {...first};
  /** @type {number | null} */
  let marked = null;

  function show() {
    const factor = isolated(state), {pinned} = state, atRest = pinned === first.pinned && state.token === null;
    isolate(factor);
    press(pinned);
    keepState(root, kept(state), atRest || undefined);
    strip(atRest ? null : pinned);
    if (first.pinned !== null && summary) summary.textContent = pinned === null ? told : describe({...REST, pinned}, data, tokens);
    tint(factor);
    const place = placeOf(state);
    if (marked === place) return;
    markToken(tokens, marked, place);
    marked = place;
    cursor(place);
  }

  /** @param {Partial<State>} change */
  function update(change) {
    if (Object.entries(change).every(([name, value]) => state[/** @type {keyof State} */ (name)] === value)) return; // within a place
    Object.assign(state, change);
    afterMove(show);
    say(describe(state, data, tokens));
  }

  /** @type {import("./rows.js").Reader} */
  const reader = {
    point: update,
    choose: (row) => update({pinned: state.pinned === row ? null : row, focused: rows[row].matches(":focus-visible") ? row : null, hovered: null}),
    from: () => placeOf(state)
  };
  drawSparklines(charts, data.activations, data.limits, data.signed, data.left);
  labelRows(shown, "Factors: up and down choose one, left and right move along the tokens", (i) => `${nameOf(rows[i])}: ${peak(i, data, tokens)}${steadiness(i, data)}`);
  followPointer(shown, reader, signal);
  followKeys(shown, reader, signal);
  root.querySelector(".ld-tokens")?.addEventListener("click", ({target}) => {
    const token = tokens.findIndex((one) => one.contains(/** @type {Node} */ (target)));
    if (token >= 0) update({token: state.token === token ? null : token});
  }, {signal});
  onPressElsewhere(root, () => (isolated(state) ?? placeOf(state)) !== null && update(first), signal);
  followStates(root, {
    names: ["factor", "token"],
    values: rows.map((_, i) => i + 1),
    put({factor, token}, byLink) {
      const row = factor === undefined ? null : rows[factor - 1];
      if (row === undefined || (token !== undefined && !tokens[token])) return false;
      if (byLink) (row ?? rows[0]).focus();
      update({...REST, pinned: row && factor - 1, token: token ?? null});
    },
    rest: () => update(first)
  }, signal);
  followSwitch(root, signal);
  if (first.pinned !== null) show();
  signal.addEventListener("abort", () => {
    dismiss(show);
    Object.assign(state, REST);
    show();
  });
}

/**
 * Tints the tokens by one factor, or gives back the tints of the page's first state, which stay in the page for print. From one
 * factor to another only those tokens are touched that look different: a style that changes above them would be computed again for
 * each.
 * @param {HTMLElement} root
 * @param {HTMLElement[]} tokens
 * @param {Data} data
 * @param {HTMLElement[]} rows
 * @param {AbortSignal} signal
 * @returns {(factor: number | null) => void}
 */
function tinted(root, tokens, data, rows, signal) {
  /** @type {number[][]} */
  const steps = []; // each is computed when its factor is first isolated
  const found = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".ld-chunk")]);
  const chunks = found.length ? found : [/** @type {HTMLElement} */ (root.querySelector(".ld-tokens"))];
  const index = new Map(tokens.map((token, i) => [token, i]));
  const members = chunks.map((chunk) => /** @type {HTMLElement[]} */ ([...chunk.querySelectorAll(".ld-token")]));
  const firsts = members.map(([token]) => index.get(token) ?? 0);
  /** @type {number | null} */
  let current = null;
  let ready = false;
  const paint = chunked(chunks, (c) => {
    chunks[c].toggleAttribute("data-tinted", current !== null);
    if (current === null) return;
    const values = data.activations[current], {hue} = rows[current].dataset;
    const found = steps[current] ??= levels(values, data.levels, data.limits[current]);
    members[c].forEach((token, i) => {
      const position = firsts[c] + i, step = found[position];
      put(token, "shown", `${values[position] < 0 ? "-" : ""}${step}`);
      put(token, "by", step ? hue : undefined);
    });
  }, signal);
  return (factor) => {
    if (factor === current) return;
    current = factor;
    if (factor !== null && !ready) makeTints(rows, data.levels);
    ready ||= factor !== null;
    paint();
  };
}

/**
 * Moves what one row has to another: only these two are touched, and the figure when the first one gets it or the last one loses it.
 * @param {HTMLElement[]} rows
 * @param {(row: HTMLElement, on: boolean) => void} put
 * @param {(on: boolean) => void} [any]
 * @returns {(to: number | null) => void}
 */
function moved(rows, put, any) {
  /** @type {number | null} */
  let from = null;
  return (to) => {
    if (to === from) return;
    if (from !== null) put(rows[from], false);
    if (to !== null) put(rows[to], true);
    if ((from === null) !== (to === null)) any?.(to !== null);
    from = to;
  };
}

/**
 * Move the mark from one token to another; only these two are touched, since there may be thousands.
 * @param {HTMLElement[]} tokens
 * @param {number | null} from
 * @param {number | null} to
 */
function markToken(tokens, from, to) {
  for (const [place, on] of /** @type {[number | null, boolean][]} */ ([[from, false], [to, true]])) {
    if (place === null) continue;
    tokens[place].toggleAttribute("data-current", on);
    tokens[place].closest(".ld-fold")?.toggleAttribute("data-current", on);
  }
}

/**
 * What the reader points at, in words; nothing when the figure is at rest.
 * @param {State} state
 * @param {Data} data
 * @param {HTMLElement[]} tokens
 */
function describe(state, data, tokens) {
  const {pinned, token} = state;
  const factor = isolated(state), place = placeOf(state);
  if (factor === null) {
    if (place === null) return "";
    const name = `${about(tokens[place], place)}${place === token ? PINNED : ""}`;
    if (data.left.includes(place)) return `${name}: ${activation(0, place, data)}.`;
    const strongest = peakAt(data.activations.map((values) => values[place]));
    if (!data.activations[strongest][place]) return `${name}: no factor is active.`;
    return `${name}: strongest in F${strongest + 1}, ${activation(strongest, place, data)}.`;
  }
  const pin = factor === pinned ? PINNED : "";
  if (place === null) return `F${factor + 1}${pin}: ${peak(factor, data, tokens)}${steadiness(factor, data)}.`;
  return `F${factor + 1}${pin}. ${about(tokens[place], place)}${place === token ? PINNED : ""}: ${activation(factor, place, data)}.`;
}

/**
 * @param {number} factor
 * @param {Data} data
 * @param {HTMLElement[]} tokens
 */
function peak(factor, data, tokens) {
  const values = data.activations[factor];
  const at = peakAt(values);
  if (!values[at]) return "active on no token";
  return `strongest on ${numbered(tokens[at], at)} ${quoted(tokens[at])}, ${activation(factor, at, data)}`;
}

/**
 * What stands beside a row begins its name, so that it can be asked for as it is seen; a mark is said in words at the name's end.
 * @param {HTMLElement} row
 */
const nameOf = (row) => [...(row.querySelector(".ld-name")?.childNodes ?? [])].map((part) => part.textContent?.replace(/\p{So} /u, "")).join(" ");

/**
 * @param {number} factor
 * @param {Data} data
 */
const steadiness = (factor, {steady}) => (steady ? `; ${steady[factor]}` : "");

/**
 * @param {number} factor
 * @param {number} place
 * @param {Data} data
 */
function activation(factor, place, data) {
  if (data.left.includes(place)) return "left out of the factorization";
  const value = `activation ${exact(data.activations[factor][place])}`;
  return data.clipped[factor].includes(place) ? `${value}, beyond the scale: first token ${data.firsts[factor]}` : value;
}
