// What the tokens of a text show of its characters, of which several tokens may write one together. lensdoc/explorables/characters.py
// finds the same.
import sizes from "../../../sizes.json" with {type: "json"};
import unicode from "../../../unicode.json" with {type: "json"};
import {decoded, encoded, isStray, unhex} from "./utf8.js";

/** @typedef {{id: number, text: string, kind: string, bytes?: string | null}} Token */
/**
 * A character, or bytes that are of none, of which a token writes at least a part.
 * @typedef {object} Piece
 * @property {string} text the whole character; nothing where the bytes are of none
 * @property {number[]} raw the token's own bytes of it
 * @property {number} number which of the tokens that write it this one is
 * @property {number} count
 * @property {boolean} joined whether its letter is joined with the next one
 */

/**
 * The inside of a class of a regular expression.
 * @param {string} lengths of what lies between the stretches of the class, and of these, in turn
 */
function classOf(lengths) {
  let at = 0;
  return lengths.split(" ").map((length, i) => {
    const from = at;
    at += parseInt(length, 36);
    return i % 2 ? `\\u{${from.toString(16)}}-\\u{${(at - 1).toString(16)}}` : "";
  }).join("");
}
const [left, right, dual, after, transparent] = [unicode.left, unicode.right, unicode.dual, unicode.after, unicode.transparent].map(classOf);
const STRONG = new RegExp(`[${left}${right}]`, "u");
const RIGHT = new RegExp(`[${right}]`, "u");
const JOINS = new RegExp(`[${dual}][${transparent}]*$`, "u");
const SEGMENTER = new Intl.Segmenter("en", {granularity: "grapheme"});
const JOINED = new RegExp(`^[${transparent}]*[${dual}${after}]`, "u");

/** @type {WeakMap<Token[], Piece[][]>} */
const remembered = new WeakMap();

/**
 * Of each token the characters that it writes, in order.
 * @param {Token[]} tokens
 */
export function pieces(tokens) {
  let found = remembered.get(tokens);
  if (!found) {
    found = stretches(tokens).flatMap((stretch) => piecesOf(stretch.map((token) => rawBytes(token).slice(0, sizes.token.bytes))));
    remembered.set(tokens, found);
  }
  return found;
}

/** @param {Token} token */
const rawBytes = (token) => (token.bytes ? unhex(token.bytes) : encoded(token.text));

/** @param {Piece} piece */
export const begins = (piece) => piece.number === 1;

/**
 * Stretches of tokens that share characters with their neighbours, each as its first place and the one behind its last.
 * @param {Token[]} tokens
 */
export function groups(tokens) {
  /** @type {[number, number][]} */
  const found = [];
  pieces(tokens).forEach((some, position) => {
    const last = some[some.length - 1];
    if (!last || last.number >= last.count) return;
    const former = found[found.length - 1];
    if (former && former[1] === position + 1) former[1] = position + 2;
    else found.push([position, position + 2]);
  });
  return found;
}

/**
 * Whether the letters of two neighbours are joined, the token at this position and the next one.
 * @param {Token[]} tokens
 * @param {number} position
 */
export function joined(tokens, position) {
  if (position + 1 >= tokens.length || tokens[position].kind !== tokens[position + 1].kind) return false;
  const found = pieces(tokens);
  const [here, next] = [found[position], found[position + 1]];
  if (!here.length || !next.length) return false;
  if (!begins(next[0])) return next[0].joined;
  return JOINS.test(here[here.length - 1].text) && JOINED.test(next[0].text);
}

/**
 * Direction of a text: that of its first letter which has one. What a chat template writes has no say.
 * @param {Token[]} tokens
 */
export function direction(tokens) {
  const shown = pieces(tokens).filter((_, i) => tokens[i].kind !== "template");
  const first = STRONG.exec(shown.flat().map((piece) => piece.text).join(""));
  return first && isRightToLeft(first[0]) ? "rtl" : "ltr";
}

/**
 * Whether a letter of the text is written from right to left.
 * @param {string} text
 */
export const isRightToLeft = (text) => RIGHT.test(text);

/**
 * Parts of the tokens that may share characters: not a template and a message, not an output and the next text.
 * @param {Token[]} tokens
 */
function stretches(tokens) {
  const starts = [0];
  for (let position = 1; position < tokens.length; position++) {
    const [before, here] = [tokens[position - 1].kind, tokens[position].kind];
    if (before !== here && !(before === "input" && here === "output")) starts.push(position);
  }
  return starts.map((start, i) => tokens.slice(start, starts[i + 1]));
}

/** @param {number[][]} raws */
function piecesOf(raws) {
  const text = decoded(raws.flat());
  /** @type {number[]} */
  const ends = [0];
  for (const raw of raws) ends.push(ends[ends.length - 1] + raw.length);
  /** @type {Piece[][]} */
  const found = raws.map(() => []);
  let token = 0, place = 0;
  for (const {segment, index} of SEGMENTER.segment(text)) {
    for (const part of parted(segment)) {
      const bytes = encoded(part, true), size = bytes.length;
      while (ends[token + 1] <= place) token += 1;
      let last = token;
      while (ends[last + 1] < place + size) last += 1;
      const joins = last > token && JOINS.test(part) && JOINED.test(text.slice(index + segment.length));
      const whole = isStray(/** @type {number} */ (part.codePointAt(0))) ? "" : part;
      for (let writer = token; writer <= last; writer++) {
        const raw = bytes.slice(Math.max(place, ends[writer]) - place, Math.min(place + size, ends[writer + 1]) - place);
        found[writer].push({text: whole, raw, number: writer - token + 1, count: last - token + 1, joined: joins});
      }
      place += size;
    }
  }
  return found.map(together);
}

/**
 * A cluster of controls, such as a carriage return before a new line, is no character that tokens could share.
 * @param {string} cluster
 */
const parted = (cluster) => (/^[\0-\x7f]*$/.test(cluster) && /[\0-\x1f\x7f]/.test(cluster) ? [...cluster] : [cluster]); // eslint-disable-line no-control-regex

/**
 * Bytes of no character that follow each other are one piece.
 * @param {Piece[]} some
 */
function together(some) {
  /** @type {Piece[]} */
  const found = [];
  for (const piece of some) {
    const last = found[found.length - 1];
    if (!piece.text && last && !last.text) last.raw.push(...piece.raw);
    else found.push(piece.text ? piece : {text: "", raw: [...piece.raw], number: 1, count: 1, joined: false});
  }
  return found;
}
