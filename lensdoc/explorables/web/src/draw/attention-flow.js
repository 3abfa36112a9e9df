// The figure of kind `attention-flow`: the text once for each method, its tokens tinted by their shares.
// lensdoc/explorables/attention_flow.py draws its first state alike.
import words from "../../../words.json" with {type: "json"};
import {share} from "../shared.js";
import {quoted} from "./display.js";
import {element} from "./elements.js";
import {said} from "./formats.js";
import {readout} from "./grids.js";
import {tint} from "./scores.js";
import {sequenceElement} from "./sequences.js";

const SAID = words["attention-flow"];

/** @typedef {"flow" | "rollout" | "raw"} Method */

export const options = {};

/** @param {any} record */
export function draw(record) {
  const parts = record.methods.map((/** @type {Method} */ method, /** @type {number} */ i) => text(record, method, record.scores[i]));
  return element(
    "lens-attention-flow",
    {class: "ld-sequence ld-scored ld-flows", "data-search-exclude": "", "data-labelled": ""},
    ...parts,
    readout(summary(record), words.sequence.hint)
  );
}

/**
 * @param {any} record
 * @param {Method} method
 * @param {number[]} row
 */
function text({tokens, methods, position: end, skip}, method, row) {
  const largest = row.reduce((a, b) => Math.max(a, b)), before = tokens.slice(0, end).map(read);

  /**
   * @param {number} position
   * @returns {Record<string, string>}
   */
  const attributes = (position) => {
    const token = quoted(before, position);
    if (position < skip) return {"data-left-out": "", "data-told": said(SAID.left, {position, token})};
    return {...tint(row[position], largest, false), "data-told": said(SAID.token, {position, token, share: share(row[position])})};
  };
  const sequence = sequenceElement(before, attributes);
  sequence.setAttribute("data-list", said(SAID.list, {method: SAID[method].toLowerCase()}));
  sequence.setAttribute("data-across", "token");
  if (methods.length > 1) sequence.setAttribute("data-of", `method=${methods.indexOf(method) + 1}`);
  return element("div", {class: "ld-one"}, element("p", {class: "ld-title"}, SAID[method]), sequence);
}

/**
 * What came before has been read, whoever wrote it.
 * @param {any} token
 */
function read(token) {
  return token.kind === "output" ? {...token, kind: "input"} : token;
}

/** @param {any} record */
function summary(record) {
  const {tokens, methods, scores} = record;
  const found = methods.map((/** @type {Method} */ method, /** @type {number} */ i) => {
    const top = scores[i].indexOf(Math.max(...scores[i]));
    return said(SAID.most, {token: quoted(tokens, top), method: SAID.in[method], share: share(scores[i][top])});
  });
  return `${leftOut(record)} ${said(SAID.summary, {methods: found.join(", ")})}`;
}

/**
 * What was left out.
 * @param {any} record
 */
function leftOut({skip: count, facts: {left_out: left, rollout_left_out: rolled}}) {
  if (!count) return SAID.nothing;
  if (typeof left !== "number" || typeof rolled !== "number") return `${said(count === 1 ? SAID.one : SAID.many, {count})}.`;
  return said(count === 1 ? SAID.oneTakes : SAID.manyTake, {count, left: share(left), rolled: share(rolled)});
}
