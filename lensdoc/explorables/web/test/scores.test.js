import assert from "node:assert/strict";
import {test} from "node:test";
import {label, named, ranked, showScores} from "../src/scores.js";
import {page, tokens} from "./page.js";

const SHARES = {levels: 16, signed: false};
const SIGNED = {levels: 16, signed: true};

/** @param {...string} texts */
const shown = (...texts) => [...page(tokens(...texts)).querySelectorAll(".ld-token")];

test("shares and scores have labels of their own", () => {
  assert.deepEqual([label(0.5, false), label(0.5, true), label(-0.5, true), label(0, false)], ["50%", "0.50", "−0.50", "0%"]);
});

test("the largest come first, whatever their sign, equal ones in the order of the text", () => {
  assert.deepEqual(ranked([0.1, -0.5, 0.5, 0.3], 3), [1, 2, 3]);
  assert.deepEqual(ranked([1, 1, 1], 2), [0, 1]);
});

test("what scores 0, or nothing, is not among them", () => {
  assert.deepEqual(ranked([0, -0, 0.2, 5e-7], 9), [2, 3]);
  assert.deepEqual(ranked([], 3), []);
  assert.deepEqual(ranked([1, 2], 0), []);
});

test("the three largest are named", () => {
  assert.equal(named(shown("a", "b", "c", "d"), [0.1, 0.4, 0.2, 0.3], false), "‘b’ (token\xa01) 40%, ‘d’ (token\xa03) 30%, ‘c’ (token\xa02) 20%");
  assert.equal(named(shown("a", "b"), [-1.5, 0.25], true), "‘a’ (token\xa00) −1.50, ‘b’ (token\xa01) 0.25");
});

test("where nothing scores it is said so", () => {
  assert.equal(named(shown("a", "b"), [0, 0], false), "no token");
});

test("scores of folded tokens are added up", () => {
  const found = named(shown("(a)", "(b)", "c"), [0.25, 0.125, 0.625], false);
  assert.equal(found, "‘c’ (token\xa02) 63%, ‘a’ (template token\xa00) 25%, ‘b’ (template token\xa01) 13%; 2 template tokens together 38%");
});

test("each token gets its step, its hue and its label", () => {
  const found = shown("a", "b", "c", "d");
  showScores(found, [0.5, -1, 0], 3, SIGNED);
  assert.deepEqual(found.map(({dataset}) => [dataset.level, dataset.hue, dataset.share]), [["8", "1", "0.50"], ["15", "2", "−1.00"], [undefined, undefined, undefined], [undefined, undefined, undefined]]);
  assert.deepEqual(found.map((token) => token.hasAttribute("data-chosen")), [false, false, false, true]);
});

test("the scores of another choice take the place of the last ones", () => {
  const found = shown("a", "b", "c");
  showScores(found, [0.5, 0.5], 2, SHARES);
  showScores(found, [1], 1, SHARES, {largest: 2, hue: "4"});
  assert.deepEqual(found.map(({dataset}) => [dataset.level, dataset.hue]), [["8", "4"], [undefined, undefined], [undefined, undefined]]);
  assert.deepEqual(found.map((token) => token.hasAttribute("data-chosen")), [false, true, false]);
});

test("beside bars small shares have no label", () => {
  const found = shown("a", "b", "c");
  showScores(found, [0.98, 0.0101, 0.0099], 3, SHARES, {notched: true});
  assert.deepEqual(found.map(({dataset}) => [Boolean(dataset.level), dataset.share]), [[true, "98%"], [true, "1%"], [true, undefined]]);
  showScores(found, [0.98, 0.0101, 0.0099], 3, SHARES);
  assert.equal(found[2].dataset.share, "1.0%");
});

test("a fold says the sum of what is in it, and nothing beyond the scores", () => {
  const found = shown("(a)", "b", "(c)");
  showScores(found, [0.25, 0.75], 2, SHARES);
  assert.deepEqual([...document.querySelectorAll(".ld-sum")].map((sum) => sum.textContent), [" 25%", ""]);
});
