import assert from "node:assert/strict";
import {test} from "node:test";
import {followPassages, listPassages, visitor} from "../src/passages.js";
import {connection, page, tokens} from "./page.js";

const LIST = '<ol class="ld-passages"><li data-position="1"><span class="ld-at">1</span></li></ol>';

/** @param {string} list @param {...string} texts */
function text(list, ...texts) {
  const document = page(tokens(...texts) + list);
  return {root: document.body, found: [...document.querySelectorAll(".ld-token")], items: () => [...document.querySelectorAll("li")]};
}

test("the target comes first, then the largest scores, then the rest", () => {
  const {root, found, items} = text(LIST, ...Array.from("abcdefghij"));
  listPassages(root, found, [0.05, 0.2, 0, 0.1, 0.1, 0.15, 0.2, 0.1, 0.1], 9, false);
  assert.deepEqual(items().map((item) => item.dataset.position), ["9", "1", "6", "5", "3", "4", "7", undefined]);
  assert.equal(items()[0].textContent, "9bcdefghijexplained");
  assert.equal(items().at(-1).textContent, "The other 3 tokens together: 15%");
});

test("scores with a sign have no share of the rest", () => {
  const {root, found, items} = text(LIST, "a", "b", "c", "d");
  listPassages(root, found, [-0.5, 0.25, 0], 3, true);
  assert.deepEqual(items().map((item) => item.querySelector(".ld-said").textContent), ["explained", "−0.50", "0.25"]);
});

test("thousands are set apart by commas", () => {
  const {root, found, items} = text(LIST, ...Array(1502).fill("x"));
  listPassages(root, found, [...Array(1500).fill(0), 1], 1501, false);
  assert.equal(items().at(-1).textContent, "The other 1,500 tokens together: 0%");
});

test("a passage has a few words on both sides, and letters of two code units whole", () => {
  const {root, found, items} = text(LIST, "0123456789012345678901", "\u{1d11e}b", "c", "defghijklmnopqrs", "t");
  listPassages(root, found, [0, 0, 0, 0], 2, false);
  assert.equal(items()[0].querySelector(".ld-word").textContent, "23456789012345678901\u{1d11e}bcdefghijklmnopq");
  assert.equal(items()[0].querySelector("b").textContent, "c");
});

test("a short text has no list", () => {
  const {root, found, items} = text("", "a", "b");
  listPassages(root, found, [1], 1, false);
  assert.deepEqual(items(), []);
});

test("items of the first state become buttons that lead to their places, once", () => {
  const {root, items} = text(LIST, "a", "b");
  /** @type {number[]} */
  const led = [];
  followPassages(root, (position) => led.push(position), connection().signal);
  const second = connection();
  followPassages(root, (position) => led.push(10 + position), second.signal);
  assert.equal(items()[0].querySelectorAll("button").length, 1);
  second.end();
  items()[0].querySelector("button").click();
  assert.deepEqual(led, [1]);
});

test("one token at a time is marked as the one in view", () => {
  const {found} = text("", "a", "b");
  /** @type {string[]} */
  const said = [];
  const visit = visitor(found, (words) => said.push(words));
  visit(1);
  visit(0);
  assert.deepEqual(found.map((token) => token.hasAttribute("data-visited")), [true, false]);
  visit(null);
  assert.deepEqual(found.map((token) => token.hasAttribute("data-visited")), [false, false]);
  assert.deepEqual(said, ["Token\xa01 ‘b’ is in view.", "Token\xa00 ‘a’ is in view."]);
});
