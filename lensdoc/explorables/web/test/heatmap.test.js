import assert from "node:assert/strict";
import {test} from "node:test";
import {cellAt, describe, gridOf, jump, nearest} from "../src/heatmap.js";

const base64 = (/** @type {number[]} */ bits) => Buffer.from(Uint16Array.from(bits).buffer).toString("base64");
const ONE = 0x3c00, HALF = 0x3800, MINUS = 0xbc00;

/** Three neurons in two clusters, the second of which has rows three lines high; two tokens. */
const LAYER = {
  layer: 4,
  count: 3,
  neurons: [7, 2, 9],
  clusters: [[1, 2, 1], [2, 1, 3]],
  unit: 2,
  values: base64([ONE, 0, HALF, MINUS, 0x0001, ONE]),
  limit: 1.5,
  coded: false,
  decimals: null
};
const GRID = gridOf(/** @type {any} */ (LAYER), 0, 2);
const TOKENS = ["token 0 ‘a’", "token 1 ‘b’"];

test("rows begin where those before them end", () => {
  assert.deepEqual(GRID.firsts, [0, 1, 2, 5]);
  assert.equal(GRID.rows, 3);
  assert.equal(GRID.columns, 2);
});

test("a place of the picture is a row and a column", () => {
  assert.deepEqual(cellAt(GRID, 0, 0), {x: 0, y: 0});
  assert.deepEqual(cellAt(GRID, 0.49, 0.19), {x: 0, y: 0});
  assert.deepEqual(cellAt(GRID, 0.5, 0.2), {x: 1, y: 1});
  assert.deepEqual(cellAt(GRID, 0.99, 0.41), {x: 1, y: 2});
});

test("places beyond the picture are those at its edge", () => {
  assert.deepEqual(cellAt(GRID, -0.1, -5), {x: 0, y: 0});
  assert.deepEqual(cellAt(GRID, 1, 1), {x: 1, y: 2});
  assert.deepEqual(nearest(GRID, 99, 99), {x: 1, y: 2});
});

test("the last row of neurons of one token is as short as they are", () => {
  const wrapped = gridOf({...LAYER, count: 25, neurons: [0], clusters: []}, 10, 1);
  assert.equal(wrapped.rows, 3);
  assert.equal(wrapped.columns, 10);
  assert.deepEqual(nearest(wrapped, 9, 1), {x: 9, y: 1});
  assert.deepEqual(nearest(wrapped, 9, 2), {x: 4, y: 2});
});

test("Page Down and Page Up lead to the first rows of clusters", () => {
  assert.deepEqual([0, 1, 2].map((row) => jump(GRID, row, 1)), [2, 2, 2]);
  assert.deepEqual([0, 1, 2].map((row) => jump(GRID, row, -1)), [0, 0, 0]);
});

test("without clusters they lead ten rows on", () => {
  const plain = gridOf({...LAYER, clusters: []}, 0, 2);
  assert.deepEqual([jump(plain, 3, 1), jump(plain, 30, -1)], [13, 20]);
});

test("a value is told with its neuron, cluster and token", () => {
  assert.equal(describe(GRID, {x: 1, y: 1}, TOKENS, false), "Layer 4, neuron 2 (cluster 1): −2, beyond the colours on token 1 ‘b’.");
  assert.equal(describe(GRID, {x: 0, y: 1}, TOKENS, true), "Layer 4, neuron 2 (cluster 1), pinned: 1 on token 0 ‘a’.");
  assert.equal(describe(GRID, {x: 0, y: 2}, TOKENS, false), "Layer 4, neuron 9 (cluster 2): 1.19e−7 on token 0 ‘a’.");
});

test("0 is told as it was measured: of codes, about 0", () => {
  assert.match(describe(GRID, {x: 1, y: 0}, TOKENS, false), /: 0 on/);
  assert.match(describe({...GRID, layer: {...GRID.layer, coded: true}}, {x: 1, y: 0}, TOKENS, false), /: about 0 on/);
});

test("codes have the decimals that tell them apart", () => {
  const coded = {...GRID, layer: {...GRID.layer, coded: true, decimals: 2, limit: 9}};
  assert.match(describe(coded, {x: 0, y: 1}, TOKENS, false), /: 1\.00 on/);
});

test("neurons that follow each other are counted from the first", () => {
  const follow = gridOf({...LAYER, count: 3, neurons: [100], clusters: []}, 2, 1);
  assert.match(describe(follow, {x: 0, y: 1}, ["token 5 ‘x’"], false), /^Layer 4, neuron 102: .* on token 5 ‘x’\.$/);
});
