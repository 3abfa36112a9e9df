import {ofTemplate} from "./folds.js";

/**
 * The text of a token's element, as one line.
 * @param {HTMLElement} token
 */
export function text(token) {
  return (token.textContent ?? "").replaceAll("\n", "");
}

/**
 * What a token shows of the characters that begin in it, without marks that one goes on and without the stroke for labels.
 * @param {HTMLElement} token
 */
export function begun(token) {
  if (!token.querySelector(".ld-on, .ld-stretch")) return text(token);
  const copy = /** @type {HTMLElement} */ (token.cloneNode(true));
  for (const mark of copy.querySelectorAll(".ld-on, .ld-stretch")) mark.remove();
  return text(copy);
}

/**
 * A token alone, a character that it writes a part of whole.
 * @param {HTMLElement} token
 */
export const word = (token) => /^‘\u2068?(.*?)\u2069?’( \(.*\))?$/.exec(token.dataset.said ?? "")?.[1] ?? begun(token);

/**
 * A token in words: its text in quotation marks, never parted from them, and of a part of a character which one.
 * @param {HTMLElement} token
 */
export const quoted = (token) => token.dataset.said ?? `‘${text(token).replace(/^ | $/g, "\xa0")}’`;

/**
 * Where a token stands, in words: in which of two streams, and whether it comes from a template.
 * @param {HTMLElement} token
 * @param {number} position
 */
export const numbered = (token, position) => `${streamOf(token)}${ofTemplate(token) ? "template " : ""}token\xa0${position}`;

/** @param {HTMLElement} token */
function streamOf(token) {
  const of = /** @type {HTMLElement | null} */ (token.closest("[data-stream]"));
  return of ? `${of.dataset.stream} ` : "";
}

/**
 * The beginning of a sentence about a token.
 * @param {HTMLElement} token
 * @param {number} position
 */
export const about = (token, position) => `${numbered(token, position).replace(/^./, (first) => first.toUpperCase())} ${quoted(token)}`;

/**
 * Where text runs from right to left, what is further on stands further left.
 * @param {Element | null} element
 * @returns {1 | -1}
 */
export const forward = (element) => (element && getComputedStyle(element).direction === "rtl" ? -1 : 1);
