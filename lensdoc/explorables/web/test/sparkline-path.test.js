import assert from "node:assert/strict";
import {test} from "node:test";
import {pathOf, peakAt, points, stretches} from "../src/sparkline-path.js";

test("the line goes through every value and is closed along the base", () => {
  assert.equal(pathOf([0, 2, 1], 2, 100, []), "M0,100L1,0L2,50V100H0Z");
});

test("of signed values the base is the middle", () => {
  assert.equal(pathOf([-2, 2, -0], 2, 50, []), "M0,100L1,0L2,50V50H0Z");
});

test("what is beyond the limit is clipped", () => {
  assert.equal(pathOf([9, -9], 1, 50, []), "M0,0L1,100V50H0Z");
});

test("a limit of 0 draws the base", () => {
  assert.equal(pathOf([0, 0], 0, 100, []), "M0,100L1,100V100H0Z");
});

test("a value alone and no value at all have a path too", () => {
  assert.equal(pathOf([1], 1, 100, []), "M0,0V100H0Z");
  assert.equal(pathOf([], 1, 100, []), "");
});

test("heights are whole, halves rounded down the page", () => {
  assert.equal(pathOf([0.005, 0.015], 1, 100, []), "M0,100L1,99V100H0Z");
});

test("where nothing was measured there is a gap", () => {
  assert.equal(pathOf([9, 1, 1, 9, 1], 1, 100, [0, 3]), "M1,0L2,0V100H1ZM4,0V100H4Z");
});

test("gaps at the ends, next to each other, and everywhere", () => {
  assert.deepEqual(stretches([0, 1, 2, 3], [0, 1]), [[2, 3]]);
  assert.deepEqual(stretches([0, 1, 2, 3], [3]), [[0, 1, 2]]);
  assert.deepEqual(stretches([0, 1], [0, 1]), []);
  assert.deepEqual(stretches([0, 5, 9], [3]), [[0], [5, 9]]);
  assert.deepEqual(stretches([], []), []);
});

test("up to 500 values are all drawn", () => {
  assert.equal(points(Array(500).fill(0)).length, 500);
  assert.deepEqual(points([]), []);
});

test("of more the ends and the largest of each stretch are kept", () => {
  const values = Array(1000).fill(0);
  values[333] = -5;
  const found = points(values);
  assert.ok(found.length <= 502);
  assert.ok(found.includes(333) && found[0] === 0 && found.at(-1) === 999);
  assert.deepEqual(found, [...found].sort((a, b) => a - b));
});

test("the peak is the largest in size, the first of several", () => {
  assert.equal(peakAt([1, -3, 3, 2]), 1);
  assert.equal(peakAt([0, -0, 0]), 0);
  assert.equal(peakAt([9, 1, 2, 8], 1, 3), 2);
});
