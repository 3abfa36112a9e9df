import {crosshairIn} from "./crosshair.js";
import {cellAt, describe, gridOf, jump, nearest, neuronAt, rowOf} from "./heatmap.js";
import {onPressElsewhere} from "./pins.js";
import {readout} from "./readout.js";
import {followStates, keepState} from "./states.js";
import {forward} from "./words.js";

/**
 * @typedef {import("./heatmap.js").Layer} Layer
 * @typedef {import("./heatmap.js").Grid & {element: HTMLElement, image: HTMLImageElement, cell: HTMLElement, heads: HTMLElement[], cross: ReturnType<typeof crosshairIn>}} Plot
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
  const plots = layers.map((layer, i) => plotOf(elements[i], layer, wrap, columns.length, signal));
  const state = {...REST};

  /** @param {Partial<State>} change */
  const update = (change) => {
    Object.assign(state, change);
    const place = state.hovered ?? state.kept;
    for (const plot of plots) mark(plot, place?.plot === plot ? place : null);
    keepState(root, state.pinned && state.kept ? stateAt(state.kept, columns) : null);
    say(place ? describe(place.plot, place, columns, isPinned(place, state)) : "");
  };
  const release = () => (state.hovered || state.kept) && update(REST);

  for (const plot of plots) {
    followPointer(plot, state, update, signal);
    followKeys(plot, state, update, signal);
  }
  followStates(root, {
    names: ["layer", "neuron", "token"],
    put(asked, byLink) {
      const place = placeOf(plots, asked, columns);
      if (!place) return false;
      if (byLink) place.plot.element.focus();
      update({hovered: null, kept: place, pinned: true});
    },
    rest: release
  }, signal);
  onPressElsewhere(root, release, signal);
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
 * @param {AbortSignal} signal
 * @returns {Plot}
 */
function plotOf(element, layer, wrap, tokens, signal) {
  const keys = `arrow keys move, Page Up and Page Down move by ${layer.clusters.length ? "cluster" : "ten rows"}, Enter pins`;
  element.role = "application";
  element.ariaRoleDescription = "heatmap";
  element.ariaLabel = `${element.closest(".ld-layer")?.querySelector(".ld-title")?.textContent}; ${keys}`;
  element.tabIndex = 0;
  const cell = document.createElement("span");
  cell.className = "ld-cell";
  element.append(cell);
  const image = /** @type {HTMLImageElement} */ (element.querySelector("img"));
  const heads = /** @type {HTMLElement[]} */ ([...element.parentElement?.querySelectorAll(".ld-head") ?? []]);
  const grid = gridOf(layer, wrap, tokens);
  return {...grid, element, image, cell, heads, cross: crosshairIn(element, grid.columns, grid.firsts[grid.rows], signal)};
}

/** @param {string} column its name, which begins with its position */
const positionOf = (column) => Number(/\d+/.exec(column)?.[0]);

/**
 * @param {Place} place
 * @param {string[]} columns
 */
function stateAt({plot, x, y}, columns) {
  const {layer, wrap} = plot;
  return {layer: layer.layer, neuron: neuronAt(plot, x, y), token: positionOf(columns[wrap ? 0 : x])};
}

/**
 * Where a value stands, or null where it is none of the figure's.
 * @param {Plot[]} plots
 * @param {import("./states.js").State} asked
 * @param {string[]} columns
 * @returns {Place | null}
 */
function placeOf(plots, {layer, neuron, token}, columns) {
  const plot = plots.find((one) => one.layer.layer === layer), x = columns.findIndex((column) => positionOf(column) === token);
  const row = plot ? rowOf(plot, neuron) : -1;
  if (!plot || x < 0 || row < 0) return null;
  return plot.wrap ? {plot, x: row % plot.wrap, y: Math.floor(row / plot.wrap)} : {plot, x, y: row};
}

/**
 * Put the crosshair at a value, or hide it.
 * @param {Plot} plot
 * @param {Place | null} place
 */
function mark(plot, place) {
  plot.heads.forEach((head, i) => head.toggleAttribute("data-current", i === place?.x));
  plot.cross(place && {x: place.x, ...linesOf(plot, place.y)});
}

/**
 * The first line of a row, and how many it has.
 * @param {Plot} plot
 * @param {number} y
 */
const linesOf = ({firsts}, y) => ({line: firsts[y], tall: firsts[y + 1] - firsts[y]});

/**
 * Scroll to a value. Its position is set on the cell itself: set on the plot, the custom properties would be inherited by the image too,
 * whose style would be computed again at every move.
 * @param {Plot} plot
 * @param {Place} place
 */
function bring(plot, {x, y}) {
  const {line, tall} = linesOf(plot, y);
  for (const [name, value] of Object.entries({x, y: line, tall})) plot.cell.style.setProperty(`--ld-${name}`, String(value));
  plot.cell.scrollIntoView({block: "nearest", inline: "nearest"});
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
  /** @param {MouseEvent} event @returns {Place} */
  const under = ({clientX, clientY}) => {
    const {left, top, width, height} = plot.image.getBoundingClientRect();
    const share = (clientX - left) / width;
    return {plot, ...cellAt(plot, forward(plot.element) < 0 ? 1 - share : share, (clientY - top) / height)};
  };
  plot.element.addEventListener("pointermove", (event) => event.pointerType !== "touch" && update({hovered: under(event)}), {signal});
  plot.element.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && update({hovered: null}), {signal});
  plot.element.addEventListener("click", (event) => {
    const place = under(event);
    update(isPinned(place, state) ? {kept: null, pinned: false} : {kept: place, pinned: true});
  }, {signal});
}

/**
 * Arrow, Page, Home and End keys move, Enter and Space pin; when the focus leaves, only a pinned value stays.
 * @param {Plot} plot
 * @param {State} state
 * @param {(change: Partial<State>) => void} update
 * @param {AbortSignal} signal
 */
function followKeys(plot, state, update, signal) {
  const here = () => (state.kept?.plot === plot ? state.kept : {plot, x: 0, y: 0});
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
    else if (moves[event.key]) update({kept: {plot, ...nearest(plot, ...moves[event.key]())}, hovered: null});
    else return;
    event.preventDefault();
    bring(plot, here());
  }, {signal});
}
