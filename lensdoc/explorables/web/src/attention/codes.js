// Attention weights as the page has them: 8-bit codes of their square roots. lensdoc/explorables/attention_codes.py makes them.
const MOST = 255;
const LARGEST = 127;

/**
 * The codes of a head, query after query: for each key up to the query, or where there are so many for all.
 * @param {string} packed base64
 * @param {number} count tokens
 * @param {number} [source] of cross attention: how many tokens, from the first on, are attended to, each by all others
 * @returns {number[][]}
 */
export function unpacked(packed, count, source = 0) {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const rows = [];
  const all = source || (bytes.length === count * count ? count : 0);
  for (let first = 0, length = 1; first < bytes.length; first += all || length++) rows.push([...bytes.subarray(first, first + (all || length))]);
  return rows;
}

/**
 * The weight that a code stands for.
 * @param {number} code
 */
export const weightOf = (code) => (code / MOST) ** 2;

/**
 * The opacity of a pixel, from 0 to 255, as the image of the first state has it.
 * @param {number} code
 */
export function opacity(code) {
  const shade = Math.floor((code * LARGEST) / MOST);
  return 2 * shade + Number(shade === LARGEST);
}
