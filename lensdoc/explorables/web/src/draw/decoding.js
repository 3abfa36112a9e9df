// The figure of kind `decoding`: what each strategy produced, its tokens tinted by probability, and the tree of a beam search.
// lensdoc/explorables/decoding.py draws its first state alike.
import words from "../../../words.json" with {type: "json"};
import {digits, exact, fixed} from "../shared.js";
import {direction} from "./characters.js";
import {line, quoted} from "./display.js";
import {element} from "./elements.js";
import {lineContent} from "./folds.js";
import {percent, said, thousands} from "./formats.js";
import {readout} from "./grids.js";
import {sequenceElement} from "./sequences.js";
import {tableDetails} from "./tables.js";
import {level} from "./tints.js";

const SAID = words.decoding;

/** @type {{labels: "probabilities" | "ranks" | "kept" | "none"}} */
export const options = {labels: "probabilities"};

/**
 * @param {any} record
 * @param {typeof options} options
 */
export function draw(record, {labels}) {
  const {tokens, strategies} = record;
  return element(
    "lens-decoding",
    {class: "ld-sequence ld-scored ld-flows", "data-search-exclude": "", "data-labelled": labels === "none" ? null : ""},
    element("p", {class: "ld-title", dir: direction(tokens)}, ...lineContent(tokens)),
    ...strategies.map((/** @type {any} */ strategy, /** @type {number} */ i) => text(strategy, labels, strategies.length > 1 ? i + 1 : null)),
    ...strategies.filter((/** @type {any} */ {beams}) => beams?.length).map(tree),
    readout(summary(record), words.sequence.hint),
    tableDetails(SAID.table, SAID.heads, strategies.flatMap(rows))
  );
}

/**
 * @param {any} strategy
 * @param {keyof ReturnType<typeof labelsOf>} labels
 * @param {number | null} number that of the strategy, where there are several
 */
function text(strategy, labels, number) {
  const {tokens, probs, name} = strategy;

  /** @param {number} t */
  const attributes = (t) => ({
    "data-hue": "1",
    "data-level": String(level(probs[t], 1)),
    "data-share": labelsOf(strategy, t)[labels],
    "data-told": said(SAID.told, {token: quoted(tokens, t), ...numbers(strategy, t)})
  });
  const sequence = sequenceElement(tokens, attributes);
  sequence.setAttribute("data-list", said(SAID.list, {name}));
  sequence.setAttribute("data-across", "token");
  if (number) sequence.setAttribute("data-of", `strategy=${number}`);
  return element("div", {class: "ld-one"}, element("p", {class: "ld-title"}, heading(strategy)), sequence);
}

/**
 * A strategy with its settings in words; the one that it is called by is named once: top-k 40.
 * @param {any} strategy
 */
function heading({name, settings}) {
  const own = name.replaceAll("-", "_");
  const others = Object.entries(settings).filter(([setting]) => setting !== "do_sample" && setting !== own);
  const found = others.map(([setting, value]) => inWords(setting, written(value))).join(", ");
  return [name, own in settings ? written(settings[own]) : "", found && `(${found})`].filter(Boolean).join(" ");
}

/**
 * @param {string} setting
 * @param {string} value
 */
const inWords = (setting, value) => (setting === "num_beams" ? said(SAID.beams, {count: value}) : `${setting.replaceAll("_", " ")} ${value}`);

/** @param {unknown} value of a setting */
const written = (value) => (typeof value === "number" ? exact(value) : typeof value === "string" ? value : JSON.stringify(value));

/**
 * @param {any} strategy
 * @param {number} t
 */
const labelsOf = ({probs, ranks, kept}, t) => ({
  none: null, probabilities: percent(probs[t]), ranks: thousands(ranks[t]), kept: kept ? thousands(kept[t]) : ""
});

/**
 * @param {any} strategy
 * @param {number} t
 */
const numbers = ({probs, ranks, entropies, kept}, t) => ({
  prob: percent(probs[t]), rank: thousands(ranks[t]), entropy: digits(entropies[t]), kept: kept ? said(SAID.kept, {count: thousands(kept[t])}) : ""
});

/**
 * The texts that a search kept to the end, with what they begin alike told once.
 * @param {any} strategy
 */
function tree({name, beams}) {
  const title = element("p", {class: "ld-title"}, said(SAID.tree, {count: beams.length, name}));
  return element("div", {class: "ld-tree"}, title, branches(beams, 0));
}

/**
 * @param {any[]} beams
 * @param {number} start
 */
function branches(beams, start) {
  /** @type {Map<number | null, any[]>} */
  const groups = new Map();
  for (const beam of beams) {
    const id = beam.tokens[start]?.id ?? null;
    groups.set(id, [...(groups.get(id) ?? []), beam]);
  }
  return element("ul", null, ...[...groups.values()].map((group) => branch(group, start)));
}

/**
 * @param {any[]} beams
 * @param {number} start
 * @returns {Element}
 */
function branch(beams, start) {
  let shared = start;
  while (beams.every(({tokens}) => tokens.length > shared && tokens[shared].id === beams[0].tokens[shared].id)) shared += 1;
  const text = element("span", {class: "ld-word"}, line(beams[0].tokens, start, shared) || SAID.ends);
  const end = beams.length === 1 ? element("span", {class: "ld-figure"}, said(SAID.score, {score: fixed(beams[0].score, 3)})) : branches(beams, shared);
  return element("li", null, text, end);
}

/** @param {any} record */
function summary({strategies, seed}) {
  const found = strategies.map((/** @type {any} */ {name, log_prob: sum, tokens}) => `${name} ${fixed(sum / tokens.length, 2)}`);
  const same = alike(strategies).map((names) => (names.length > 1 ? said(SAID.same, {names: names.join(", ")}) : "")).join("");
  return said(SAID.summary, {same, strategies: found.join(", "), seed});
}

/**
 * The names of strategies that gave the same text, together.
 * @param {any[]} strategies
 */
function alike(strategies) {
  /** @type {Map<string, string[]>} */
  const found = new Map();
  for (const {name, tokens} of strategies) {
    const text = `${tokens.map((/** @type {any} */ {id}) => id)}`;
    found.set(text, [...found.get(text) ?? [], name]);
  }
  return [...found.values()];
}

/**
 * @param {any} strategy
 * @returns {string[][]}
 */
function rows(strategy) {
  const {name, tokens, kept} = strategy;
  return tokens.map((/** @type {unknown} */ _, /** @type {number} */ t) => {
    const {prob, rank, entropy} = numbers(strategy, t);
    return [name, quoted(tokens, t), prob, rank, entropy, kept ? thousands(kept[t]) : "–"];
  });
}
