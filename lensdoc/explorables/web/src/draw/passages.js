// Long texts: a window on them, and a list of the places that matter. lensdoc/explorables/passages.py writes them alike.
import shared from "../../../shared.json" with {type: "json"};
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {label, ranked, share} from "../shared.js";
import {line, word} from "./display.js";
import {element} from "./elements.js";
import {said, thousands} from "./formats.js";
import {added} from "./scores.js";

/** @typedef {import("./characters.js").Token} Token */
/** @typedef {[number, string]} Place a position, and what is said of it */

/**
 * The drawn text; a long one in a window.
 * @param {Token[]} tokens
 * @param {Element} drawn
 */
export const windowed = (tokens, drawn) => (tokens.length > sizes.text.long ? element("div", {class: "ld-window"}, drawn) : drawn);

/**
 * For a long text a list of places; nothing for a short text.
 * @param {Token[]} tokens
 * @param {string} title
 * @param {Place[]} places
 * @param {string} [rest] what is said of all other places
 */
function passages(tokens, title, places, rest = "") {
  if (tokens.length <= sizes.text.long) return [];
  const others = rest ? [element("li", {class: "ld-rest"}, rest)] : [];
  const items = places.map((place) => item(tokens, ...place));
  return [element("p", {class: "ld-listed"}, title), element("ol", {class: "ld-passages"}, ...items, ...others)];
}

/**
 * For a long text the place of a target, and the tokens before it with the largest scores.
 * @param {Token[]} tokens
 * @param {number[]} row
 * @param {number} target
 * @param {boolean} signed
 */
export function scored(tokens, row, target, signed) {
  const order = ranked(row, shared.passages.places);
  const places = order.map((i) => /** @type {Place} */ ([i, label(row[i], signed)]));
  return passages(tokens, words.largest, [[target, words.explained], ...places], signed ? "" : restOf(row, order));
}

/**
 * @param {number[]} row
 * @param {number[]} listed
 */
function restOf(row, listed) {
  const others = row.length - listed.length;
  const sum = share(Math.max(0, added(row) - added(listed.map((i) => row[i]))));
  return others ? said(words.rest, {count: thousands(others), sum}) : "";
}

/**
 * For a long text the places whose tokens were least expected.
 * @param {Token[]} tokens
 * @param {Place[]} probs
 * @param {number[]} values
 */
export function leastProbable(tokens, probs, values) {
  const order = probs.map((_, i) => i).sort((a, b) => values[a] - values[b]).slice(0, shared.passages.places);
  return passages(tokens, words.leastProbable, order.map((i) => probs[i]));
}

/**
 * @param {Token[]} tokens
 * @param {number} position
 * @param {string} told
 */
function item(tokens, position, told) {
  const {tokens: around, before, after} = shared.passages;
  const first = [...line(tokens, Math.max(0, position - around), position)].slice(-before).join("");
  const last = [...line(tokens, position + 1, position + 1 + around)].slice(0, after).join("");
  return element(
    "li",
    {"data-position": String(position)},
    element("span", {class: "ld-at"}, String(position)),
    element("span", {class: "ld-word", dir: "auto"}, first, element("b", null, word(tokens, position)), last),
    element("span", {class: "ld-said"}, told)
  );
}
