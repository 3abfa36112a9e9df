import assert from "node:assert/strict";
import {test} from "node:test";
import {counted, followFolds, hidden, listFolds, ofTemplate} from "../src/folds.js";
import {connection, page, tokens} from "./page.js";

test("tokens are counted in words", () => {
  assert.deepEqual([0, 1, 2].map(counted), ["0 template tokens", "1 template token", "2 template tokens"]);
});

test("a token of a template is hidden until its mark is pressed", () => {
  const document = page(tokens("a", "(b)"));
  const [plain, folded] = document.querySelectorAll(".ld-token");
  followFolds(document.body, connection().signal);
  assert.deepEqual([plain, folded].map(ofTemplate), [false, true]);
  assert.deepEqual([plain, folded].map(hidden), [false, true]);
  document.querySelector("button").click();
  assert.deepEqual([plain, folded].map(hidden), [false, false]);
  assert.equal(document.querySelector("button").getAttribute("aria-expanded"), "true");
  document.querySelector("button").click();
  assert.equal(hidden(folded), true);
  assert.equal(document.querySelector("button").getAttribute("aria-expanded"), "false");
});

test("in a list of options a mark says what it is", () => {
  const document = page(tokens("(b)"));
  const mark = document.querySelector("button");
  followFolds(document.body, connection().signal);
  listFolds(document.body);
  assert.equal(mark.getAttribute("aria-expanded"), null);
  assert.equal(mark.getAttribute("aria-label"), "mark, folded");
  mark.click();
  assert.equal(mark.getAttribute("aria-label"), "mark, open");
});

test("an element that has left the page no longer follows", () => {
  const document = page(tokens("(b)"));
  const {signal, end} = connection();
  followFolds(document.body, signal);
  end();
  document.querySelector("button").click();
  assert.equal(hidden(document.querySelector(".ld-token")), true);
});
