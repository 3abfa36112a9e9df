// Attention weights as the page has them: 8-bit codes of their square roots. lensdoc/explorables/attention_codes.py has the same.
import sizes from "../../../sizes.json" with {type: "json"};
import {base64Of, decodeHalves} from "./halves.js";
import {heatImage} from "./images.js";

const {code: MOST, thumb: THUMB} = sizes.attention;

/** @typedef {number[][]} Codes codes by query and key: round(255 * sqrt(weight)), and 0 for nothing but 0 */

/**
 * The codes of a head, query after query.
 * @param {string} weights base64 of halves
 * @returns {Codes}
 */
export function codesOf(weights) {
  const all = Array.from(decodeHalves(weights), codeOf), count = Math.floor(Math.sqrt(2 * all.length)); // n (n + 1) / 2 for n queries
  return Array.from({length: count}, (_, q) => all.slice(q * (q + 1) / 2, (q + 1) * (q + 2) / 2));
}

/** @param {number} weight */
const codeOf = (weight) => Math.min(MOST, Math.floor(MOST * Math.sqrt(weight) + 0.5)) || (weight > 0 ? 1 : 0);

/** @param {number} code */
export const weightOf = (code) => (code / MOST) ** 2;

/** @param {Codes} codes */
export const packed = (codes) => base64Of(Uint8Array.from(codes.flat()));

/**
 * A head as an image with a pixel for each weight; keys run across, queries down.
 * @param {Codes} codes
 */
export const picture = (codes) => heatImage(pixels(codes, codes.length));

/**
 * Small pictures of several heads beside each other.
 * @param {Codes[]} heads
 */
export function strip(heads) {
  const size = Math.min(THUMB, heads[0].length), pictures = heads.map((codes) => pixels(codes, size));
  return heatImage(Array.from({length: size}, (_, row) => {
    const line = new Uint8Array(size * pictures.length);
    pictures.forEach((found, i) => line.set(found[row], i * size));
    return line;
  }));
}

/**
 * Colours from 0 to 127; where there are fewer pixels than weights each shows the largest of those below it.
 * @param {Codes} codes
 * @param {number} size
 */
function pixels(codes, size) {
  const place = (/** @type {number} */ position) => Math.floor(position * size / codes.length);
  const found = Array.from({length: size}, () => new Uint8Array(size));
  codes.forEach((row, query) => row.forEach((code, key) => {
    const line = found[place(query)];
    line[place(key)] = Math.max(line[place(key)], Math.floor(code * sizes.heat.code / MOST));
  }));
  return found;
}
