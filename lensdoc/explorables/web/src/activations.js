import {bisectRight} from "d3-array";
import {halfAt} from "./halves.js";
import {digits, fixed} from "./numbers.js";
import {readout} from "./readout.js";
import {forward} from "./words.js";

/**
 * A layer as the page has it: of neurons that follow each other only the first, of clusters from the top number, size and the lines
 * of the picture for a neuron; `values` in base64, 16 bits each, neuron after neuron, in multiples of `unit`; colours end at `limit`.
 * @typedef {{layer: number, count: number, neurons: number[], clusters: [number, number, number][], unit: number, values: string,
 *   limit: number, coded: boolean, decimals: number | null}} Layer
 * @typedef {{layer: Layer, wrap: number, columns: number, rows: number, firsts: number[],
 *   element: HTMLElement, image: HTMLImageElement, cell: HTMLElement, heads: HTMLElement[]}} Plot `firsts` has the first line of each
 *   row, and where the last ends
 * @typedef {{plot: Plot, x: number, y: number}} Place
 * @typedef {{hovered: Place | null, kept: Place | null, pinned: boolean}} State what is hovered comes before what is kept
 */

/** @type {Readonly<State>} */
const REST = {hovered: null, kept: null, pinned: false};

/**
 * Heatmaps to walk through: the pointer and the keys move a crosshair, and the value below it is read from the image.
 * @param {HTMLElement} root
 * @param {{columns: string[], wrap: number, layers: Layer[]}} data
 * @param {AbortSignal} signal
 */
export function activationsView(root, {columns, wrap, layers}, signal) {
  const say = readout(/** @type {HTMLElement} */ (root.querySelector(".ld-live")), signal);
  const elements = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".ld-plot"));
  const plots = layers.map((layer, i) => plotOf(elements[i], layer, wrap, columns.length));
  const state = {...REST};

  /** @param {Partial<State>} change */
  const update = (change) => {
    Object.assign(state, change);
    const place = state.hovered ?? state.kept;
    for (const plot of plots) mark(plot, place?.plot === plot ? place : null);
    say(place ? describe(place, columns, state) : "");
  };
  const release = () => (state.hovered || state.kept) && update(REST);

  for (const plot of plots) {
    followPointer(plot, state, update, signal);
    followKeys(plot, state, update, signal);
  }
  document.addEventListener("keydown", (event) => event.key === "Escape" && release(), {signal});
  document.addEventListener("click", (event) => root.contains(/** @type {Node} */ (event.target)) || release(), {signal});
  signal.addEventListener("abort", () => {
    release();
    plots.forEach((plot) => plot.cell.remove());
  });
}

/**
 * @param {HTMLElement} element
 * @param {Layer} layer
 * @param {number} wrap
 * @param {number} tokens
 * @returns {Plot}
 */
function plotOf(element, layer, wrap, tokens) {
  const keys = `arrow keys move, Page Up and Page Down move by ${layer.clusters.length ? "cluster" : "ten rows"}, Enter pins`;
  element.role = "application";
  element.ariaRoleDescription = "heatmap";
  element.ariaLabel = `${element.closest(".ld-layer")?.querySelector(".ld-title")?.textContent}; ${keys}`;
  element.tabIndex = 0;
  const cell = document.createElement("span");
  cell.className = "ld-cell";
  element.append(cell);
  const image = /** @type {HTMLImageElement} */ (element.querySelector("img"));
  const rows = wrap ? Math.ceil(layer.count / wrap) : layer.count;
  const tall = layer.clusters.flatMap(([, size, lines]) => Array(size).fill(lines));
  const firsts = [0];
  for (let row = 0; row < rows; row++) firsts.push(firsts[row] + (tall[row] ?? 1));
  const heads = /** @type {HTMLElement[]} */ ([...element.parentElement?.querySelectorAll(".ld-head") ?? []]);
  return {layer, wrap, columns: wrap || tokens, rows, firsts, element, image, cell, heads};
}

/**
 * Put the crosshair at a value, or hide it. Its place is set on the cell alone: on the plot, which hands it down, the image would be
 * styled again at every move.
 * @param {Plot} plot
 * @param {Place | null} place
 */
function mark({element, cell, heads, firsts}, place) {
  element.toggleAttribute("data-current", place !== null);
  heads.forEach((head, i) => head.toggleAttribute("data-current", i === place?.x));
  if (!place) return;
  cell.style.setProperty("--ld-x", String(place.x));
  cell.style.setProperty("--ld-y", String(firsts[place.y]));
  cell.style.setProperty("--ld-tall", String(firsts[place.y + 1] - firsts[place.y]));
}

/**
 * @param {Plot} plot
 * @param {number} x
 * @param {number} y
 * @returns {Place} within the heatmap, whose last line may be a short one
 */
function placeAt(plot, x, y) {
  const row = Math.max(0, Math.min(plot.rows - 1, y));
  const last = plot.wrap ? Math.min(plot.columns, plot.layer.count - row * plot.wrap) : plot.columns;
  return {plot, x: Math.max(0, Math.min(last - 1, x)), y: row};
}

/**
 * @param {Place} place
 * @param {State} state
 */
function isPinned({plot, x, y}, {kept, pinned}) {
  return pinned && kept?.plot === plot && kept.x === x && kept.y === y;
}

/**
 * Hover previews, a click or tap pins.
 * @param {Plot} plot
 * @param {State} state
 * @param {(change: Partial<State>) => void} update
 * @param {AbortSignal} signal
 */
function followPointer(plot, state, update, signal) {
  /** @param {MouseEvent} event */
  const under = ({clientX, clientY}) => {
    const {left, top, width, height} = plot.image.getBoundingClientRect();
    const share = (clientX - left) / width;
    const line = (clientY - top) / height * plot.firsts[plot.rows];
    return placeAt(plot, Math.floor((forward(plot.element) < 0 ? 1 - share : share) * plot.columns), bisectRight(plot.firsts, line) - 1);
  };
  plot.element.addEventListener("pointermove", (event) => event.pointerType !== "touch" && update({hovered: under(event)}), {signal});
  plot.element.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && update({hovered: null}), {signal});
  plot.element.addEventListener("click", (event) => {
    const place = under(event);
    update(isPinned(place, state) ? {kept: null, pinned: false} : {kept: place, pinned: true});
  }, {signal});
}

/**
 * Arrow keys and jumps move, Enter and Space pin; leaving ends what is not pinned.
 * @param {Plot} plot
 * @param {State} state
 * @param {(change: Partial<State>) => void} update
 * @param {AbortSignal} signal
 */
function followKeys(plot, state, update, signal) {
  const here = () => (state.kept?.plot === plot ? state.kept : placeAt(plot, 0, 0));
  plot.element.addEventListener("focus", () => {
    if (plot.element.matches(":focus-visible") && !state.pinned) update({kept: here()});
  }, {signal});
  plot.element.addEventListener("blur", () => !state.pinned && update({kept: null}), {signal});
  plot.element.addEventListener("keydown", (event) => {
    if (event.metaKey || event.altKey) return;
    const {x, y} = here();
    const {columns, rows} = plot;
    const ahead = forward(plot.element);
    /** @type {Record<string, () => [number, number]>} */
    const moves = {
      ArrowRight: () => [x + ahead, y],
      ArrowLeft: () => [x - ahead, y],
      ArrowDown: () => [x, y + 1],
      ArrowUp: () => [x, y - 1],
      PageDown: () => [x, jump(plot, y, 1)],
      PageUp: () => [x, jump(plot, y, -1)],
      Home: () => [0, event.ctrlKey ? 0 : y],
      End: () => [columns - 1, event.ctrlKey ? rows - 1 : y]
    };
    if (event.key === "Enter" || event.key === " ") update({kept: here(), pinned: !state.pinned});
    else if (moves[event.key]) update({kept: placeAt(plot, ...moves[event.key]()), hovered: null});
    else return;
    event.preventDefault();
    plot.cell.scrollIntoView({block: "nearest", inline: "nearest"});
  }, {signal});
}

/**
 * The row to which Page Up (-1) or Page Down (1) leads: the first one of a cluster, or the tenth from here.
 * @param {Plot} plot
 * @param {number} y
 * @param {number} step
 */
function jump({layer}, y, step) {
  let first = 0;
  const firsts = layer.clusters.map(([, size]) => (first += size) - size);
  if (!firsts.length) return y + 10 * step;
  return (step > 0 ? firsts.find((row) => row > y) : firsts.filter((row) => row < y).at(-1)) ?? y;
}

/**
 * A value in words.
 * @param {Place} place
 * @param {string[]} columns
 * @param {State} state
 */
function describe(place, columns, state) {
  const {plot, x, y} = place;
  const {layer, wrap} = plot;
  const row = wrap ? y * wrap + x : y;
  let end = 0;
  const cluster = layer.clusters.find(([, size]) => row < (end += size));
  const neuron = layer.neurons[row] ?? layer.neurons[0] + row;
  const pinned = isPinned(place, state) ? ", pinned" : "";
  const value = layer.unit * halfAt(layer.values, wrap ? row : row * plot.columns + x);
  const beyond = Math.abs(value) > layer.limit * (1 + 1e-3) ? ", beyond the colours" : "";
  const name = `Layer ${layer.layer}, neuron ${neuron}${cluster ? ` (cluster ${cluster[0]})` : ""}${pinned}`;
  return `${name}: ${number(value, layer)}${beyond} on ${columns[wrap ? 0 : x]}.`;
}

/**
 * Three digits; where the record has codes, as many as tell them apart.
 * @param {number} value
 * @param {Layer} layer
 */
function number(value, {coded, decimals}) {
  if (!value) return coded ? "about 0" : "0";
  return decimals === null ? digits(value) : fixed(value, decimals);
}
