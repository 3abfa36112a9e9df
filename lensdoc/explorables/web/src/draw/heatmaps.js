// A heatmap of neurons: their tokens above, bands beside them, and an image with a pixel for each value.
// lensdoc/explorables/heatmaps.py draws it alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {bandsElement} from "./bands.js";
import {direction} from "./characters.js";
import {wordElement} from "./display.js";
import {element} from "./elements.js";
import {general, said} from "./formats.js";
import {even} from "./halves.js";
import {codesOf} from "./heat.js";
import {heatImage} from "./images.js";

/** @typedef {import("./heat.js").Heat} Heat */
/**
 * How the values of a layer are laid out.
 * @typedef {object} Shape
 * @property {number} wrap neurons in a line where one token alone is shown, else 0
 * @property {number} columns
 * @property {number} lines
 * @property {number} height in pixels
 * @property {number[]} tall lines of a neuron in each cluster
 */

/**
 * @param {any} record
 * @param {Heat} heat
 * @param {number | null} height
 * @returns {Shape}
 */
export function shapeOf(record, heat, height) {
  const count = record.neurons.length, tokens = record.positions.length;
  const wrap = tokens === 1 && !record.clusters ? 10 * Math.max(1, even(Math.sqrt(2 * count) / 10)) : 0;
  if (wrap) {
    const lines = Math.ceil(count / wrap);
    return {wrap, columns: wrap, lines, height: height || usual(lines), tall: []};
  }
  const tall = tallRows(heat.clusters.map(([, size]) => size), height || usual(count));
  const lines = heat.clusters.reduce((sum, [, size], i) => sum + size * tall[i], 0) || count;
  return {wrap, columns: tokens, lines, height: height || usual(count) * lines / count, tall};
}

/** @param {number} lines */
function usual(lines) {
  const {lines: most, tallest, room} = sizes.heat;
  return Math.min(most, lines * Math.max(1, Math.min(tallest, Math.floor(room / lines))));
}

/**
 * How many lines a neuron has in clusters of these sizes, so that each cluster is as high as its label.
 * @param {number[]} all
 * @param {number} height
 */
function tallRows(all, height) {
  const {label} = sizes.heat;
  if (!all.length || all.length * label > height / 2) return all.map(() => 1);
  const least = label * all.reduce((sum, size) => sum + size, 0) / height;
  return all.map((size) => Math.max(1, Math.ceil(least / size)));
}

/**
 * The heatmap in a frame that scrolls.
 * @param {any} record
 * @param {Heat} heat
 * @param {Shape} shape
 * @param {string} name
 */
export function heatmapElement(record, heat, shape, name) {
  const dense = shape.height < shape.lines;
  const image = element("img", {alt: "", src: imageOf(heat, shape, dense ? sizes.heat.blended : 1), class: dense ? "ld-dense" : null});
  const boundary = firstOutput(record);
  const at = boundary === null ? [] : [element("span", {class: "ld-edge", style: `--ld-at: ${boundary}`})];
  const plot = element("div", {class: "ld-plot", role: "img", "aria-label": said(words.activations.heatmap, {name})}, image, ...at);
  const kind = kindOf(shape), [least, most] = sizes.heat.column[kind];
  const across = `--ld-least: ${least}; --ld-most: ${most ? `calc(var(--ld-columns) * ${most})` : "1fr"}; --ld-side: ${heat.clusters.length ? "6em" : "3.5em"}`;
  const style = `--ld-columns: ${shape.columns}; --ld-lines: ${shape.lines}; --ld-height: ${general(shape.height)}px; ${across}`;
  const parts = [heads(record, shape), bandsElement(heat, shape), plot];
  return element("div", {class: "ld-frame", dir: shape.wrap ? "ltr" : direction(record.tokens)}, element("div", {class: `ld-heat ${kind}`, style}, ...parts));
}

/**
 * How its columns and heads are laid out.
 * @param {Shape} shape
 */
function kindOf({wrap, columns}) {
  if (wrap) return "ld-wrapped";
  if (columns > sizes.heat.heads) return "ld-far";
  return columns > sizes.heat.flat ? "ld-turned" : "ld-flat";
}

/**
 * The column where the output begins, if input is shown too.
 * @param {any} record
 * @returns {number | null}
 */
export function firstOutput({tokens, positions}) {
  const outputs = positions.map((/** @type {number} */ p) => tokens[p].kind === "output");
  const count = outputs.filter(Boolean).length;
  return count > 0 && count < outputs.length ? outputs.indexOf(true) : null;
}

/**
 * @param {Heat} heat
 * @param {Shape} shape
 * @param {number} pixels of a value across
 */
function imageOf(heat, {wrap, lines, tall}, pixels) {
  const codes = codesOf(heat);
  if (wrap) {
    const all = new Uint8Array(lines * wrap);
    all.set(codes.flatMap((row) => [...row]));
    return heatImage(Array.from({length: lines}, (_, l) => all.subarray(l * wrap, (l + 1) * wrap)));
  }
  const repeats = heat.clusters.length ? heat.clusters.flatMap(([, size], i) => Array(size).fill(tall[i])) : codes.map(() => 1);
  return heatImage(codes.flatMap((row, n) => {
    const wide = pixels > 1 ? Uint8Array.from({length: row.length * pixels}, (_, i) => row[Math.floor(i / pixels)]) : row;
    return Array(repeats[n]).fill(wide);
  }));
}

/**
 * @param {any} record
 * @param {Shape} shape
 */
function heads({tokens, positions}, {wrap, columns}) {
  const first = said(words.position, {position: positions[0]});
  const ends = [first, String(positions[positions.length - 1])].map((end) => element("span", null, end));
  const shown = columns <= sizes.heat.heads ? positions.map((/** @type {number} */ p) => element("span", {class: "ld-head"}, wordElement(tokens, p))) : ends;
  const content = wrap ? [element("span", null, `${first} ‘`, wordElement(tokens, positions[0]), "’")] : shown;
  return element("div", {class: "ld-heads", "aria-hidden": "true"}, ...content);
}
