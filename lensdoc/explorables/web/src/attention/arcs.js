import {share} from "../shared.js";

// Arcs from a token to those that it attends to. lensdoc/explorables/arcs.py draws them alike.
const PITCH = 18, AXIS = 96, WIDTH = 250, END = 246;
const LEAST = 0.02, BASE = 14, REACH = 5, MOST = 92, THICK = 7, TOKENS = 40, LETTERS = 14;
const SVG = "http://www.w3.org/2000/svg";

/** @param {number} place */
const y = (place) => PITCH * place + PITCH / 2 + 4;

/**
 * The positions seen from the query that are shown: all, or those of the largest weights and the query.
 * @param {number[]} row
 * @param {number} query
 */
export function shownPositions(row, query) {
  const largest = [...row.keys()].filter((key) => key !== query).sort((a, b) => row[b] - row[a] || a - b).slice(0, TOKENS - 1);
  return [...largest, query].sort((a, b) => a - b);
}

/**
 * @param {SVGElement} svg whose content is replaced
 * @param {string[]} words of all tokens
 * @param {number[]} row the weights of the query
 * @param {number} query
 * @param {number} [seen] how many tokens, from the first on, it sees where it is not one of them
 */
export function drawArcs(svg, words, row, query, seen = row.length) {
  const shown = shownPositions(row, query).filter((key) => key < seen || key === query);
  const start = y(shown.indexOf(query));
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${PITCH * shown.length + 8}`);
  const arcs = shown.flatMap((key, place) => {
    if (row[key] < LEAST) return [];
    const end = key === query ? start - 6 : y(place);
    const reach = AXIS - Math.min(MOST, BASE + REACH * Math.abs(query - key));
    const d = `M${AXIS},${start}C${reach},${start} ${reach},${end} ${AXIS},${end}`;
    return [made("path", {class: "ld-arc", d, "stroke-width": Math.max(1, THICK * row[key]).toFixed(1)})];
  });
  const texts = shown.flatMap((key, place) => {
    const at = String(y(place) + 4), text = words[key].trimStart(), letters = [...text];
    const short = letters.length <= LETTERS ? text : `${letters.slice(0, LETTERS).join("")}…`;
    return [
      made("text", {class: "ld-end", x: String(AXIS + 8), y: at, ...(key === query ? {"font-weight": "bold"} : {})}, short),
      ...(key < seen && row[key] >= LEAST ? [made("text", {class: "ld-tick", x: String(END), y: at, "text-anchor": "end"}, share(row[key]))] : [])
    ];
  });
  svg.replaceChildren(...arcs, ...texts);
}

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {string} [text]
 */
function made(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}
