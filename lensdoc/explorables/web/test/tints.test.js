import assert from "node:assert/strict";
import {test} from "node:test";
import {levels, makeSteps} from "../src/tints.js";
import {page} from "./page.js";

test("the largest value has the last step, and 0 the first", () => {
  assert.deepEqual(levels([0, 1, 2, 4], 16), [0, 4, 8, 15]);
  assert.deepEqual(levels([4, 4], 16), [15, 15]);
});

test("the size of a value counts, not its sign", () => {
  assert.deepEqual(levels([-4, 2, -1], 16), [15, 8, 4]);
});

test("halves of a step are rounded up", () => {
  assert.deepEqual(levels([0.5, 1.5, 2.5, 14.49, 14.5], 16, 15), [1, 2, 3, 14, 15]);
});

test("what is beyond the largest has the last step", () => {
  assert.deepEqual(levels([3, -3, 1e300], 16, 2), [15, 15, 15]);
});

test("a scale of 0, or none, leaves nothing without a step", () => {
  assert.deepEqual(levels([0, -0, 0], 16), [0, 0, 0]);
  assert.deepEqual(levels([0], 16, 0), [0]);
  assert.deepEqual(levels([0.5], 16, null), [15]);
  assert.deepEqual(levels([], 16), []);
});

test("tiny values are tinted as large ones are", () => {
  assert.deepEqual(levels([5e-324, 0], 16), [15, 0]);
  assert.deepEqual(levels([1e308, -1e308, 0.5e308], 16), [15, 15, 8]);
});

test("each step has a rule, made once", () => {
  page("");
  document.adoptedStyleSheets = [];
  makeSteps(document.body, 3);
  makeSteps(document.body, 3);
  makeSteps(document.body, 4);
  const rules = document.adoptedStyleSheets.flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText));
  assert.equal(rules.length, 4);
  assert.match(rules[3], /data-shown="3".*data-shown="-3".*--ld-isolated-l: ?3/s);
});
