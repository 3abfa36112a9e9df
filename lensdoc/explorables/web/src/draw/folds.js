// The tokens of a chat template, folded to a mark that opens. lensdoc/explorables/folds.py folds them alike.
import sizes from "../../../sizes.json" with {type: "json"};
import {line} from "./display.js";
import {element} from "./elements.js";
import {templates} from "./formats.js";

/** @typedef {import("./characters.js").Token} Token */
/** @typedef {import("./elements.js").Content} Content */
/** @typedef {[number, number]} Stretch the first place, and the one behind the last */

/**
 * Stretches of tokens that come from the template, and of tokens that do not.
 * @param {Token[]} tokens
 * @param {Stretch} stretch
 */
export function runs(tokens, [from, to]) {
  /** @type {Stretch[]} */
  const found = [];
  for (let position = from; position < to; position++) {
    const folded = tokens[position].kind === "template", last = found[found.length - 1];
    if (last && (tokens[position - 1].kind === "template") === folded) last[1] = position + 1;
    else found.push([position, position + 1]);
  }
  return found;
}

/**
 * A stretch of template tokens behind its mark.
 * @param {Token[]} tokens
 * @param {Stretch} run
 * @param {Content[]} content what the mark opens
 * @param {string | null} [told] what the figure says of them together
 */
export function foldElement(tokens, [from, to], content, told = null) {
  const all = [...line(tokens.slice(from, to))];
  const begin = all.length > sizes.text.folded ? `${all.slice(0, sizes.text.folded).join("")}…` : all.join("");
  const together = told === null ? [] : [element("span", {class: "ld-sum"}, told ? ` ${told}` : "")];
  const mark = element(
    "button", {type: "button", class: "ld-part", dir: "ltr", "aria-expanded": "false"}, `⟨${begin} ${templates(to - from)}`, ...together, "⟩"
  );
  return element("span", {class: "ld-fold"}, mark, element("span", {class: "ld-folded"}, ...content));
}

/**
 * A text in one line of prose, with what comes from a template folded.
 * @param {Token[]} tokens
 * @returns {Content[]}
 */
export function lineContent(tokens) {
  return runs(tokens, [0, tokens.length]).map(([from, to]) => {
    const text = line(tokens.slice(from, to));
    return tokens[from].kind === "template" ? foldElement(tokens, [from, to], [text]) : text;
  });
}
