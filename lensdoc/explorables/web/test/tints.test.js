import assert from "node:assert/strict";
import {test} from "node:test";
import {levels, makeTints} from "../src/tints.js";
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

test("each step above 0 and each hue has a rule, made once, and hues are read before the first is added", () => {
  const body = page('<p data-hue="4" style="--ld-h: 340"></p><p data-hue="1" style="--ld-h: 250"></p>').body;
  document.adoptedStyleSheets = [];
  const done = [], read = getComputedStyle;
  const note = (act, what) => (...rest) => {
    done.push(what);
    return act(...rest);
  };
  const {prototype} = CSSStyleSheet, insert = prototype.insertRule;
  prototype.insertRule = function(...rule) {
    return note(insert.bind(this), "added")(...rule);
  };
  globalThis.getComputedStyle = note(read, "read");
  for (const count of [0, 0, 3, 4]) makeTints([...body.children], count);
  assert.deepEqual(done, ["read", "read", ...Array(5).fill("added")]);
  const rules = document.adoptedStyleSheets.flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText)).sort();
  assert.equal(rules.length, 5);
  assert.match(rules.join(), /data-by="1"[^}]*--ld-isolated-h: ?250.*data-by="4"[^}]*--ld-isolated-h: ?340/s);
  assert.match(rules.join(), /data-shown="3".*data-shown="-3".*--ld-isolated-l: ?3/s);
});
