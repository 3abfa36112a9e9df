import assert from "node:assert/strict";
import {test} from "node:test";
import {csvOf, order, valueOf} from "../src/table/rows.js";

/** @param {string} text @param {string} [value] */
const cell = (text, value) => /** @type {any} */ ({textContent: text, dataset: value === undefined ? {} : {value}});

/** @param {...any} cells */
const row = (...cells) => /** @type {any} */ ({cells});

test("a cell has its exact number, nothing, or its text", () => {
  assert.deepEqual([cell("0.12", "0.1234"), cell("–", ""), cell("a")].map(valueOf), [0.1234, null, "a"]);
});

test("numbers are ordered as numbers, texts as readers count, and what is missing comes last either way", () => {
  const rows = [["10", "10"], ["9", "9"], ["–", ""], ["−1", "-1"]].map(([text, value]) => row(cell(text, value)));
  const shown = (/** @type {boolean} */ falling) => order(rows, 0, falling).map(({cells}) => cells[0].textContent);
  assert.deepEqual(shown(false), ["−1", "9", "10", "–"]);
  assert.deepEqual(shown(true), ["10", "9", "−1", "–"]);
  const texts = ["seed-10", "seed-2", "Seed-1"].map((text) => row(cell(text)));
  assert.deepEqual(order(texts, 0, false).map(({cells}) => cells[0].textContent), ["Seed-1", "seed-2", "seed-10"]);
});

test("a saved table quotes what must be quoted, and no text is a formula", () => {
  const table = /** @type {any} */ ({rows: [row(cell("a,b"), cell('say "x"')), row(cell("=1+1"), cell("0.5", "0.5")), row(cell(" @x"), cell("–", ""))]});
  assert.equal(csvOf(table), '"a,b","say ""x"""\r\n\'=1+1,0.5\r\n\' @x,\r\n');
});
