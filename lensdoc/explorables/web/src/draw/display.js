// How a token is shown: white space as visible glyphs, bytes in hexadecimal, control characters named, the rest as it stands.
// lensdoc/explorables/display.py shows it alike.
import sizes from "../../../sizes.json" with {type: "json"};
import unicode from "../../../unicode.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {begins, isRightToLeft, joined, pieces} from "./characters.js";
import {element} from "./elements.js";
import {said} from "./formats.js";

/** @typedef {import("./characters.js").Token} Token */
/** @typedef {import("./characters.js").Piece} Piece */
/** @typedef {import("./elements.js").Content} Content */
/** @typedef {import("./elements.js").Attributes} Attributes */

const EMPTY = "∅", SPACE = "␣";
const GOES_ON = "·", JOINED_ON = "ـ";
/** @type {Record<string, string>} */
const GLYPHS = {"\n": "⏎", "\t": "⇥"};
/** @type {Record<string, string>} */
const NAMES = unicode.names;
const UNSEEN = /\p{Z}|(?!\p{Cn}|\p{Co})\p{C}|[\u115f\u1160\u2800\u3164\uffa0]|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/u;
const BLANK = /[\u115f\u1160\u2800\u3164\uffa0]/;
const LETTER = String.raw`\p{Lo}(?:(?![\ufe00-\ufe0f\u{e0100}-\u{e01ef}])\p{M})*[\u200c\u200d]?`;
const EMOJI = String.raw`(?:\ufe0f|\p{Emoji_Modifier})?`;
const SHAPED = new RegExp(
  String.raw`^(?:(?:${LETTER})+|(?![0-9])\p{Emoji}${EMOJI}(?:\u200d\p{Emoji}${EMOJI})*|\p{Regional_Indicator}{2}|\u{1f3f4}[\u{e0030}-\u{e007a}]{2,6}\u{e007f}|[0-9#*]\ufe0f?\u20e3)$`,
  "u"
);

/**
 * The element of a token of a text, with the attributes of its kind of figure. Line breaks at its end stand behind it, where `ending` is
 * put: a box of two lines would have no end for its padding and its bar.
 * @param {Token[]} tokens
 * @param {number} position
 * @param {Attributes} attributes
 */
export function tokenElement(tokens, position, attributes) {
  const token = tokens[position], found = pieces(tokens)[position];
  const before = position > 0 && joined(tokens, position - 1), after = joined(tokens, position);
  const content = inOneLine(contentOf(found, true));
  const marks = {
    "ld-long": [...token.text].length > sizes.token.unbroken,
    "ld-white": /^ +$/.test(token.text),
    "ld-narrow": !before && !after && [...lineOf(content).trim()].length === 1,
    "ld-joined": before,
    "ld-joins": after
  };
  const classes = ["ld-token", ...Object.entries(marks).filter(([, holds]) => holds).map(([name]) => name)];
  const more = {
    "data-said": needsWords(token, found) ? quoted(tokens, position) : null,
    title: found.some((piece) => piece.count > 1) ? partInWords(found) : null
  };
  const stretch = after ? [element("span", {class: "ld-stretch", "aria-hidden": "true"}, JOINED_ON.repeat(sizes.token.stretch))] : [];
  return element("span", {class: classes.join(" "), ...attributes, ...more}, ...content, ...stretch);
}

/**
 * The line breaks at the end of a token.
 * @param {Token} token
 */
export const ending = ({text}) => /\n*$/.exec(text)?.[0] ?? "";

/**
 * Without the line breaks that end it, each of which follows its mark.
 * @param {Content[]} content
 */
function inOneLine(content) {
  let end = content.length;
  while (content[end - 1] === "\n") end -= 2;
  return content.filter((part, i) => i < end || part !== "\n");
}

/**
 * A token of a text that stands alone, as the head of a column: a character that it writes a part of is shown whole. One of a single
 * character stays upright where heads run upwards.
 * @param {Token[]} tokens
 * @param {number} position
 */
export function wordElement(tokens, position) {
  const token = tokens[position], found = pieces(tokens)[position], content = contentOf(found, false);
  const part = found.filter((piece) => piece.count > 1).map((piece) => glyph(`${piece.number}/${piece.count}`, "ld-bytes"));
  const aloud = needsWords(token, found) ? quoted(tokens, position) : null;
  const one = [...lineOf(content).trim()].length === 1 && !part.length;
  return element("span", {class: one ? "ld-word ld-upright" : "ld-word", "data-said": aloud}, ...content, ...part);
}

/**
 * A token of a text in words: its text in quotation marks, never parted from them, and what part of a character it is.
 * @param {Token[]} tokens
 * @param {number} position
 */
export function quoted(tokens, position) {
  const found = pieces(tokens)[position];
  const text = isolated(lineOf(contentOf(found, false)).replace(/^ | $/g, "\u00a0"));
  const part = partInWords(found);
  return part ? `‘${text}’ (${part})` : `‘${text}’`;
}

/** @param {string} text */
const isolated = (text) => (isRightToLeft(text) ? `\u2068${text}\u2069` : text);

/**
 * Tokens of a text, or a part of them, as one line, each character once: where it begins.
 * @param {Token[]} tokens
 * @param {number} [from]
 * @param {number} [to]
 */
export function line(tokens, from = 0, to = tokens.length) {
  const begun = pieces(tokens).slice(from, to).map((found) => found.filter(begins));
  return begun.map((found) => (found.length ? lineOf(contentOf(found, false)) : "")).join("");
}

/**
 * A token of a text as one line; a character that it writes a part of is whole.
 * @param {Token[]} tokens
 * @param {number} position
 */
export const word = (tokens, position) => lineOf(contentOf(pieces(tokens)[position], false));

/**
 * Text as one line in which no character is invisible.
 * @param {string} text
 */
export const visible = (text) => [...text].map((character) => (UNSEEN.test(character) && character !== " " ? GLYPHS[character] ?? named(character) : character)).join("");

/**
 * @param {Piece[]} found
 * @param {boolean} marked whether a character is shown at the first token alone that writes it, and marks at the others
 * @returns {Content[]}
 */
function contentOf(found, marked) {
  if (!found.length) return [glyph(EMPTY)];
  const onlyWhite = found.every((piece) => piece.text === " ");
  const content = found.slice(0, sizes.token.longest).flatMap((piece) => {
    if (!piece.text) return [glyph(hexadecimal(piece.raw), "ld-bytes")];
    if (marked && !begins(piece)) return [glyph(piece.joined ? JOINED_ON : GOES_ON, "ld-on")];
    return characters(piece.text, onlyWhite);
  });
  return found.length > sizes.token.longest ? [...content, "…"] : content;
}

/** @param {Content[]} content */
const lineOf = (content) => content.map((part) => (typeof part === "string" ? part : part.textContent ?? "")).join("").replaceAll("\n", "");

/**
 * @param {Token} token
 * @param {Piece[]} found
 */
const needsWords = (token, found) => Boolean(token.bytes) || found.some((piece) => piece.count > 1) || isRightToLeft(token.text);

/**
 * Which bytes of which characters a token is; nothing for a token of whole characters.
 * @param {Piece[]} found
 */
function partInWords(found) {
  const parts = found.filter((piece) => piece.count > 1);
  if (!parts.length) return found.every((piece) => piece.text) ? "" : words.part.whole;
  const several = found.length > 1;
  const named = parts.map((piece) => said(words.part.which, {number: piece.number, count: piece.count}) + (several ? said(words.part.of, {name: nameOf(piece.text)}) : ""));
  return said(words.part.one, {bytes: hexadecimal(found.flatMap((piece) => piece.raw)), parts: named.join(", ")});
}

/** @param {string} text */
const nameOf = (text) => isolated(lineOf(characters(text, true)));

/** @param {number[]} raw */
const hexadecimal = (raw) => raw.map((byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join(" ");

/**
 * A character: one code point, or several of which those stay that join or choose shapes where scripts need them.
 * @param {string} text
 * @param {boolean} showSpaces
 * @returns {Content[]}
 */
function characters(text, showSpaces) {
  const all = [...text];
  if (all.length > 1 && SHAPED.test(text) && !BLANK.test(text)) return [text];
  return all.flatMap((character) => {
    if (character in GLYPHS) return [glyph(GLYPHS[character]), character];
    if (character === " ") return [showSpaces ? glyph(SPACE) : character];
    return [UNSEEN.test(character) ? glyph(named(character), "ld-bytes") : character];
  });
}

/**
 * Code point of an invisible character, with its name where Unicode has a short one.
 * @param {string} character
 */
function named(character) {
  const code = /** @type {number} */ (character.codePointAt(0)).toString(16).toUpperCase().padStart(4, "0");
  return `U+${code}${code in NAMES ? ` ${NAMES[code]}` : ""}`;
}

/**
 * @param {string} text
 * @param {string} [more]
 */
const glyph = (text, more) => element("span", {class: more ? `ld-glyph ${more}` : "ld-glyph"}, text);
