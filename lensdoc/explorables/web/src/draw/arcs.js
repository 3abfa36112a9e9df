// Arcs from a token to those that it attends to. lensdoc/explorables/arcs.py draws them alike, and attention/arcs.js those of a choice.
import sizes from "../../../sizes.json" with {type: "json"};
import {share} from "../shared.js";
import {word} from "./display.js";
import {element} from "./elements.js";
import {decimal, general} from "./formats.js";

const {pitch, axis, width, end: END, least, base, reach: REACH, most, thick, tokens: TOKENS, letters} = sizes.arcs;

/**
 * The tokens up to the query with its arcs; hidden from those who do not see, who read it in words.
 * @param {import("./characters.js").Token[]} tokens
 * @param {number} query
 * @param {number[]} row
 */
export function arcsElement(tokens, query, row) {
  const largest = [...row.keys()].slice(0, -1).sort((a, b) => row[b] - row[a] || a - b).slice(0, TOKENS - 1);
  const shown = [...largest, row.length - 1].sort((a, b) => a - b);
  const texts = shown.flatMap((key, place) => words(word(tokens, key).trimStart(), place, row[key], key === query));
  const viewBox = `0 0 ${width} ${pitch * shown.length + 8}`;
  return element("svg", {class: "ld-arcs", viewBox, width: String(width), "aria-hidden": "true"}, ...arcs(shown, query, row), ...texts);
}

/** @param {number} place */
const y = (place) => pitch * place + pitch / 2 + 4;

/**
 * @param {number[]} shown
 * @param {number} query
 * @param {number[]} row
 */
function arcs(shown, query, row) {
  const start = y(shown.indexOf(query));
  return shown.flatMap((key, place) => {
    if (row[key] < least) return [];
    const end = key === query ? start - 6 : y(place), far = axis - Math.min(most, base + REACH * (query - key));
    const d = `M${axis},${general(start)}C${far},${general(start)} ${far},${general(end)} ${axis},${general(end)}`;
    return [element("path", {class: "ld-arc", d, "stroke-width": decimal(Math.max(1, thick * row[key]), 1)})];
  });
}

/**
 * @param {string} text
 * @param {number} place
 * @param {number} weight
 * @param {boolean} asks whether it is the query
 */
function words(text, place, weight, asks) {
  const at = general(y(place) + 4), all = [...text];
  const short = all.length <= letters ? text : `${all.slice(0, letters).join("")}…`;
  const told = element("text", {class: "ld-tick", x: String(END), y: at, "text-anchor": "end"}, share(weight));
  return [element("text", {class: "ld-end", x: String(axis + 8), y: at, "font-weight": asks ? "bold" : null}, short), ...(weight < least ? [] : [told])];
}
