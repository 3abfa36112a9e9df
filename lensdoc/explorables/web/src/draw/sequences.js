// A text as a line of tokens, with a label where the input begins and where the output does. lensdoc/explorables/sequences.py writes it
// alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {direction, groups} from "./characters.js";
import {ending, tokenElement} from "./display.js";
import {element} from "./elements.js";
import {foldElement, runs} from "./folds.js";
import {said} from "./formats.js";

/** @typedef {import("./characters.js").Token} Token */
/** @typedef {import("./elements.js").Attributes} Attributes */
/** @typedef {import("./elements.js").Content} Content */
/** @typedef {import("./folds.js").Stretch} Stretch */
/** @typedef {Map<number, Stretch>} Together of each token that shares a character with another the stretch of those that do */

/**
 * The tokens in reading order, each with the attributes that its position asks for; several texts stand apart.
 * @param {Token[]} tokens
 * @param {(position: number) => Attributes} attributes
 * @param {{starts?: number[], told?: (run: Stretch) => string | null}} [more]
 */
export function sequenceElement(tokens, attributes, {starts = [0], told = () => null} = {}) {
  if (starts.length <= 1) {
    return element("div", {class: "ld-tokens", dir: direction(tokens)}, ...textContent(tokens, [0, tokens.length], attributes, told));
  }
  const bounds = between([...starts, tokens.length]);
  const texts = bounds.map((each, i) => element("div", {class: "ld-one", dir: direction(tokens.slice(...each))}, ...textContent(tokens, each, attributes, told, i + 1)));
  return element("div", {class: "ld-tokens", dir: direction(tokens.slice(...bounds[0]))}, ...texts);
}

/**
 * One text; a long one in chunks, and these in blocks.
 * @param {Token[]} tokens
 * @param {Stretch} positions
 * @param {(position: number) => Attributes} attributes
 * @param {(run: Stretch) => string | null} told
 * @param {number} [number]
 * @returns {Content[]}
 */
function textContent(tokens, positions, attributes, told, number = 0) {
  const together = keptTogether(tokens);

  /**
   * @param {Stretch} found
   * @returns {Content[]}
   */
  function content(found) {
    const name = number && found[0] === positions[0] ? said(words.text, {number}) : "";
    return runs(tokens, found).flatMap((run) => {
      if (tokens[run[0]].kind === "template") {
        const fold = foldElement(tokens, run, framed(tokens, run, attributes, together, positions[0]), told(run));
        return name && run[0] === positions[0] ? [label(name), fold] : [fold];
      }
      return ofOneKind(tokens, run).flatMap((stretch) => {
        const kind = tokens[stretch[0]].kind, first = stretch[0] === positions[0];
        const labelled = first || tokens[stretch[0] - 1].kind !== kind;
        return [...(labelled ? [label(name && first ? `${name}: ${kind}` : kind)] : []), ...framed(tokens, stretch, attributes, together, positions[0])];
      });
    });
  }

  if (tokens.length <= 2 * sizes.text.chunk) return content(positions);
  return blocks(tokens, positions, together).map((block) => element(
    "span",
    {class: "ld-lines", style: `--ld-lines: ${lines(tokens, block)}`},
    ...cut(tokens, block, together, () => true).map((chunk) => element("span", {class: "ld-chunk"}, ...content(chunk)))
  ));
}

/** @param {string} text */
const label = (text) => element("span", {class: "ld-part", dir: "ltr"}, text);

/**
 * Token elements; those that write a character together stand in a frame. A text does not begin with an empty line.
 * @param {Token[]} tokens
 * @param {Stretch} positions
 * @param {(position: number) => Attributes} attributes
 * @param {Together} together
 * @param {number} begins where the text does
 */
function framed(tokens, [from, to], attributes, together, begins) {
  /** @type {Content[]} */
  const content = [];
  for (let position = from; position < to; position++) {
    const group = together.get(position) ?? [position, position + 1];
    if (position > Math.max(group[0], from)) continue;
    if (tokens[position].text.startsWith(" ")) content.push(element("wbr"));
    const end = Math.min(group[1], to), last = tokens[end - 1];
    const own = indices([position, end]).map((each) => tokenElement(tokens, each, attributes(each)));
    content.push(...(group[1] - group[0] === 1 ? own : [element("span", {class: "ld-character"}, ...own)]));
    if (end - 1 !== begins || /[^\n]/.test(last.text)) content.push(ending(last));
  }
  return content;
}

/**
 * @param {Token[]} tokens
 * @returns {Together}
 */
function keptTogether(tokens) {
  return new Map(groups(tokens).flatMap((group) => indices(group).map((position) => /** @type {[number, Stretch]} */ ([position, group]))));
}

/**
 * Whether a text stands beside the lines over its tokens, as an attribute: a short one never, a long one on wide pages.
 * @param {Token[]} tokens
 */
export function beside(tokens) {
  const {short, wide} = sizes.text;
  if (lines(tokens, [0, tokens.length]) <= short) return null;
  return tokens.length >= wide ? "wide" : "";
}

/** @param {Stretch} stretch */
const indices = ([from, to]) => Array.from({length: to - from}, (_, i) => from + i);

/**
 * @param {number[]} bounds
 * @returns {Stretch[]}
 */
const between = (bounds) => bounds.slice(1).map((bound, i) => [bounds[i], bound]);

/**
 * @param {Token[]} tokens
 * @param {Stretch} run
 */
function ofOneKind(tokens, run) {
  const bounds = indices(run).slice(1).filter((position) => tokens[position].kind !== tokens[position - 1].kind);
  return between([run[0], ...bounds, run[1]]);
}

/**
 * Whether a chunk may begin here: not inside a fold or a character.
 * @param {Token[]} tokens
 * @param {number} position
 * @param {Together} together
 */
function mayPart(tokens, position, together) {
  const folded = tokens[position - 1].kind === "template" && tokens[position].kind === "template";
  return !folded && (together.get(position)?.[0] ?? position) === position;
}

/**
 * Stretches of at least a chunk that end where a line ends, so that they may stand below each other.
 * @param {Token[]} tokens
 * @param {Stretch} positions
 * @param {Together} together
 */
const blocks = (tokens, positions, together) => cut(tokens, positions, together, (position) => tokens[position - 1].text.endsWith("\n"));

/**
 * @param {Token[]} tokens
 * @param {Stretch} stretch
 * @param {Together} together
 * @param {(position: number) => boolean} may
 */
function cut(tokens, stretch, together, may) {
  const bounds = [stretch[0]];
  for (const position of indices(stretch).slice(1)) {
    if (may(position) && position - bounds[bounds.length - 1] >= sizes.text.chunk && mayPart(tokens, position, together)) bounds.push(position);
  }
  return between([...bounds, stretch[1]]);
}

/**
 * @param {Token[]} tokens
 * @param {Stretch} block
 */
function lines(tokens, block) {
  const text = tokens.slice(...block).map((token) => token.text).join("").replace(/\n$/, "");
  return text.split("\n").reduce((sum, each) => sum + Math.max(1, Math.ceil([...each].length / sizes.text.line)), 0);
}
