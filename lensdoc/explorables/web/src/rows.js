import {roving} from "./roving.js";
import {placeAt} from "./sparklines.js";
import {forward} from "./words.js";

/**
 * Rows of sparklines over places, beside the tokens that stand at these places.
 * @typedef {{root: HTMLElement, rows: HTMLElement[], charts: SVGSVGElement[], places: (HTMLElement | null)[]}} Figure
 */

/**
 * What the reader points at: a row by the pointer or by the focus, and a place.
 * @typedef {{focused: number | null, hovered: number | null, place: number | null}} Pointed
 */

/**
 * Callbacks of a figure: what is pointed at; which row was chosen, and with the pointer at which place; and the place from which keys
 * move on.
 * @typedef {{point: (change: Partial<Pointed>) => void, choose: (row: number, place: number | null) => void, from: () => number | null}} Reader
 */

/**
 * @param {HTMLElement} root
 * @param {(HTMLElement | null)[]} places
 * @returns {Figure}
 */
export function figure(root, places) {
  const rows = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".ld-row")]);
  return {root, rows, charts: rows.map((row) => /** @type {SVGSVGElement} */ (row.querySelector("svg"))), places};
}

/**
 * Rows become toggle buttons in one bar, each with a name that says what its sparkline shows.
 * @param {Figure} figure
 * @param {string} label
 * @param {(row: number) => string} name
 */
export function labelRows({root, rows}, label, name) {
  const bar = /** @type {HTMLElement} */ (root.querySelector(".ld-rows"));
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-orientation", "vertical");
  bar.setAttribute("aria-label", label);
  rows.forEach((row, i) => {
    row.setAttribute("role", "button");
    row.setAttribute("aria-label", name(i));
    row.setAttribute("aria-pressed", "false");
  });
}

/**
 * Hover previews, a click or tap on a row chooses it.
 * @param {Figure} figure
 * @param {Reader} reader
 * @param {AbortSignal} signal
 */
export function followPointer({root, rows, charts, places}, {point, choose}, signal) {
  rows.forEach((row, i) => {
    row.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") point({hovered: i, place: placeAt(charts[i], event, places.length)});
    }, {signal});
    row.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "touch") point({hovered: null, place: null});
    }, {signal});
    row.addEventListener("click", (event) => {
      choose(i, event.detail ? placeAt(charts[i], event, places.length) : null); // a click by keyboard or assistive technology has no place
    }, {signal});
  });
  const sequence = /** @type {HTMLElement} */ (root.querySelector(".ld-tokens"));
  const index = new Map(places.map((token, i) => [token, i]));
  sequence.addEventListener("pointerover", (event) => {
    const token = /** @type {Element} */ (event.target).closest(".ld-token");
    point({place: index.get(/** @type {HTMLElement} */ (token)) ?? null});
  }, {signal});
  sequence.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") point({place: null}); // after a touch the place stays
  }, {signal});
}

/**
 * Up and down move between rows, left and right along the places; Enter and Space choose a row.
 * @param {Figure} figure
 * @param {Reader} reader
 * @param {AbortSignal} signal
 * @param {number} [first] the row that Tab reaches at first
 */
export function followKeys({root, rows, places}, {point, choose, from}, signal, first) {
  const focus = roving(rows, signal, first);
  let byKeys = false;
  rows.forEach((row, i) => {
    row.addEventListener("focus", () => {
      byKeys = row.matches(":focus-visible");
      if (byKeys) point({focused: i});
    }, {signal});
    row.addEventListener("blur", () => byKeys && point({focused: null, place: null}), {signal});
  });
  /** @param {number} step */
  const move = (step) => {
    const start = from() ?? (step > 0 ? -1 : places.length);
    point({place: Math.max(0, Math.min(places.length - 1, start + step))});
  };
  const ahead = forward(root.querySelector(".ld-sparklines"));
  /** @type {Record<string, (row: number) => void>} */
  const keys = {
    ArrowDown: (row) => focus(row + 1),
    ArrowUp: (row) => focus(row - 1),
    Home: () => focus(0),
    End: () => focus(rows.length - 1),
    ArrowRight: () => move(ahead),
    ArrowLeft: () => move(-ahead),
    PageDown: () => move(10),
    PageUp: () => move(-10),
    Enter: (row) => choose(row, null),
    " ": (row) => choose(row, null)
  };
  root.addEventListener("keydown", (event) => {
    const row = rows.indexOf(/** @type {HTMLElement} */ (event.target));
    if (row < 0 || !keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (!event.repeat || event.key.startsWith("Arrow")) keys[event.key](row);
  }, {signal});
}
