// Tables to walk through: layers down, tokens or places across. lensdoc/explorables/grids.py writes them alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {quoted, wordElement} from "./display.js";
import {element} from "./elements.js";
import {percent, said, thousands} from "./formats.js";

/** @typedef {[number, Element[]]} Row a layer and its cells */

/**
 * A table of all layers, one a row.
 * @param {Element[]} heads
 * @param {Row[]} rows
 * @param {string} caption what the table shows, for those who do not see it
 * @param {string} across how states call what stands in the columns
 * @param {{part?: string | null, direction?: string}} [more] the state that tells this table from the others of its figure
 */
export function gridElement(heads, rows, caption, across, {part = null, direction = "ltr"} = {}) {
  const {deep, wide, screen} = sizes.grid, own = characters([], rows);
  const turned = characters(heads, rows) > Math.max(wide, own);
  const kinds = ["ld-grid", ...(rows.length > deep ? ["ld-deep"] : []), ...(turned ? ["ld-turned"] : [])];
  const table = element(
    "table",
    {class: kinds.join(" "), style: `--ld-characters: ${own}; --ld-pitch: ${pitch(rows.length)}px`, "data-across": across, "data-of": part},
    element("caption", {class: "ld-unseen"}, caption),
    element("thead", null, element("tr", null, corner(), ...heads)),
    element("tbody", null, ...rows.map(([layer, cells]) => element("tr", null, element("th", {scope: "row"}, String(layer)), ...cells))),
    ...(rows.length > screen ? [foot(heads)] : [])
  );
  return element("div", {class: "ld-frame", dir: direction}, table);
}

const corner = () => element("td", {class: "ld-corner"}, words.grid.corner);

/** @param {number} rows */
const pitch = (rows) => Math.max(sizes.grid.lowest, Math.min(sizes.grid.highest, Math.floor(sizes.grid.rows / Math.max(rows, 1))));

/**
 * How many characters stand side by side where each column is as wide as its longest cell, with one between columns.
 * @param {Element[]} heads
 * @param {Row[]} rows
 */
function characters(heads, rows) {
  const lines = [...(heads.length ? [heads] : []), ...rows.map(([, cells]) => cells)];
  const columns = lines[0]?.map((_, i) => 1 + Math.max(...lines.map((cells) => lengthOf(cells[i])))) ?? [];
  return columns.reduce((sum, column) => sum + column, words.grid.corner.length);
}

/** @param {Element} cell */
function lengthOf(cell) {
  const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  let sum = 0;
  while (texts.nextNode()) sum += Math.min([...(texts.currentNode.nodeValue ?? "")].length, sizes.grid.word);
  return sum;
}

/**
 * The heads once more, for eyes alone.
 * @param {Element[]} heads
 */
function foot(heads) {
  const again = heads.map((head) => element("td", null, .../** @type {Element[]} */ ([...head.childNodes].map((part) => part.cloneNode(true)))));
  return element("tfoot", {"aria-hidden": "true"}, element("tr", null, corner(), ...again));
}

/**
 * The head of a column that belongs to a token of a text.
 * @param {import("./characters.js").Token[]} tokens
 * @param {number} position
 */
export const tokenHead = (tokens, position) => element(
  "th", {scope: "col", "data-name": said(words.grid.head, {token: quoted(tokens, position), position}), "data-at": String(position)}, wordElement(tokens, position)
);

/**
 * A rank on its colour; rank 1 has a mark of its own, and large ones are written in thousands.
 * @param {number} rank
 * @param {number} prob
 * @param {number} vocabulary
 */
export function rankCell(rank, prob, vocabulary) {
  const large = rank >= sizes.grid.exact;
  return element("td", {
    "data-hue": "1",
    "data-level": String(rankLevel(rank, vocabulary)),
    "data-p": percent(prob),
    "data-first": rank === 1 ? "" : null,
    "data-rank": large ? String(rank) : null
  }, large ? `${Math.floor(rank / 1000)}k` : String(rank));
}

/**
 * Step of the tint: the last for rank 1, falling with the logarithm of the rank, none for the vocabulary's last.
 * @param {number} rank
 * @param {number} vocabulary
 */
const rankLevel = (rank, vocabulary) => Math.max(0, Math.floor((sizes.tints.levels - 1) * (1 - Math.log(rank) / Math.log(Math.max(vocabulary, 2))) + 0.5));

/**
 * Powers of ten below the size of a vocabulary.
 * @param {number} vocabulary
 */
export const decades = (vocabulary) => [1, 2, 3, 4, 5, 6, 7, 8, 9].map((exponent) => 10 ** exponent).filter((rank) => rank < vocabulary);

/**
 * What the colours of ranks mean.
 * @param {number} vocabulary
 */
export function legend(vocabulary) {
  const swatches = [1, ...decades(vocabulary), vocabulary].map((rank) => element("span", {
    class: "ld-swatch", "data-hue": "1", "data-level": String(rankLevel(rank, vocabulary)), "data-first": rank === 1 ? "" : null
  }, thousands(rank)));
  return element("p", {class: "ld-legend", "aria-hidden": "true"}, words.grid.rank, ...swatches);
}

/**
 * The line that says what the reader points at, and at rest what the figure shows; before it the key of its marks.
 * @param {string} summary
 * @param {string} hint
 * @param {string} [key]
 * @param {string} [paper] what is said on paper alone
 */
export function readout(summary, hint, key, paper) {
  const marks = key ? [element("span", null, key)] : [], more = paper ? [element("span", {class: "ld-printed"}, paper)] : [];
  const shown = element("span", {class: "ld-summary"}, ...marks, summary, ...more, element("span", {class: "ld-hint"}, ` ${hint}`));
  return element("p", {class: "ld-readout"}, shown, element("span", {class: "ld-live"}));
}
