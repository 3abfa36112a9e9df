// How far factors were found again from other starts: a mark, a number, and both in words. lensdoc/explorables/steadiness.py says the same.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {fixed} from "../shared.js";
import {said} from "./formats.js";

const SAID = words.factors.steady;

/**
 * Of each factor; nothing where stability was not measured.
 * @param {any} record
 * @returns {{mark: string, words: string}[]}
 */
export function steadiness({stability}) {
  return (stability ?? []).map((/** @type {number} */ value) => {
    const seen = Math.floor(100 * value + 0.5) / 100; // as it is written, so that mark and number agree
    const step = seen >= sizes.factors.found ? "found" : seen >= sizes.factors.partly ? "partly" : "hardly";
    return {mark: `${SAID.marks[step]} ${fixed(value, 2)}`, words: said(SAID.told, {words: SAID.words[step], value: fixed(value, 2)})};
  });
}

/** What the marks stand for. */
export const legend = () => said(SAID.legend, {found: fixed(sizes.factors.found, 1), partly: fixed(sizes.factors.partly, 1)});
