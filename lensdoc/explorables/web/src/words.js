import {ofTemplate} from "./folds.js";

/**
 * The text of a token's element, as one line.
 * @param {HTMLElement} token
 */
export function text(token) {
  return (token.textContent ?? "").replaceAll("\n", "");
}

/**
 * A token in words: its text in quotation marks, and of a part of a character which one.
 * @param {HTMLElement} token
 */
export const quoted = (token) => token.dataset.said ?? `‘${text(token)}’`;

/**
 * Where a token stands, in words, and whether it comes from a template.
 * @param {HTMLElement} token
 * @param {number} position
 */
export const numbered = (token, position) => `${ofTemplate(token) ? "template " : ""}token ${position}`;

/**
 * The beginning of a sentence about a token.
 * @param {HTMLElement} token
 * @param {number} position
 */
export const about = (token, position) => `${numbered(token, position).replace(/^t/, "T")} ${quoted(token)}`;

/**
 * Where text runs from right to left, what is further on stands further left.
 * @param {Element | null} element
 * @returns {1 | -1}
 */
export const forward = (element) => (element && getComputedStyle(element).direction === "rtl" ? -1 : 1);
