import assert from "node:assert/strict";
import {test} from "node:test";
import {roving} from "../src/roving.js";
import {connection, page, tokens} from "./page.js";

/** @param {...string} texts */
const items = (...texts) => [...page(tokens(...texts)).querySelectorAll(".ld-token")];
/** @param {HTMLElement[]} found */
const stops = (found) => found.flatMap((item, i) => (item.tabIndex === 0 ? [i] : []));

test("one item is reached by Tab: the first, or the one that is asked for", () => {
  const found = items("a", "b", "c");
  roving(found, connection().signal);
  assert.deepEqual(stops(found), [0]);
  roving(found, connection().signal, 2);
  assert.deepEqual(stops(found), [2]);
});

test("the focus moves to an item and takes the stop along", () => {
  const found = items("a", "b", "c");
  roving(found, connection().signal)(2);
  assert.equal(document.activeElement, found[2]);
  assert.deepEqual(stops(found), [2]);
});

test("beyond the ends are the ends", () => {
  const found = items("a", "b", "c");
  const focus = roving(found, connection().signal);
  focus(99);
  assert.equal(document.activeElement, found[2]);
  focus(-99);
  assert.equal(document.activeElement, found[0]);
});

test("what is folded away is left out, in both directions", () => {
  const found = items("(a)", "b", "(c)", "d", "(e)");
  const focus = roving(found, connection().signal);
  assert.deepEqual(stops(found), [1]);
  focus(2);
  assert.equal(document.activeElement, found[3]);
  focus(2);
  assert.equal(document.activeElement, found[1]);
  focus(4);
  assert.equal(document.activeElement, found[3]);
});

test("no items, no stop", () => {
  roving([], connection().signal)(0);
});
