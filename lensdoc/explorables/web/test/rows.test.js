import assert from "node:assert/strict";
import {test} from "node:test";
import {figure, followKeys, labelRows} from "../src/rows.js";
import {connection, page, press, tokens} from "./page.js";

const ROW = '<div class="ld-row"><svg></svg></div>';

/** @param {{place?: number | null, direction?: string}} [start] */
function rows({place = null, direction = "ltr"} = {}) {
  const document = page(`<div class="ld-sparklines" style="direction: ${direction}"><div class="ld-rows">${ROW.repeat(3)}</div></div>${tokens(..."abcdefghijklmnop")}`);
  const drawn = figure(document.body, [...document.querySelectorAll(".ld-token")]);
  /** @type {{place: number | null, chosen: number[]}} */
  const told = {place, chosen: []};
  const reader = {
    point: (/** @type {any} */ change) => { if ("place" in change) told.place = change.place; },
    choose: (/** @type {number} */ row) => told.chosen.push(row),
    from: () => told.place
  };
  const {signal, end} = connection();
  followKeys(drawn, reader, signal);
  return {drawn, told, end};
}

test("rows are toggle buttons in one bar, each with a name", () => {
  const {drawn} = rows();
  labelRows(drawn, "Factors", (i) => `F${i + 1}`);
  assert.equal(drawn.root.querySelector(".ld-rows").getAttribute("role"), "toolbar");
  assert.deepEqual(drawn.rows.map((row) => [row.getAttribute("role"), row.getAttribute("aria-label"), row.getAttribute("aria-pressed")]), [
    ["button", "F1", "false"], ["button", "F2", "false"], ["button", "F3", "false"]
  ]);
});

test("up and down move between rows, Home and End to the ends", () => {
  const {drawn} = rows();
  drawn.rows[0].focus();
  for (const [key, row] of /** @type {[string, number][]} */ ([["ArrowDown", 1], ["End", 2], ["ArrowDown", 2], ["ArrowUp", 1], ["Home", 0], ["ArrowUp", 0]])) {
    press(/** @type {any} */ (document.activeElement), key);
    assert.equal(document.activeElement, drawn.rows[row], key);
  }
});

test("left and right move along the places, within them", () => {
  const {drawn, told} = rows();
  for (const [key, place] of /** @type {[string, number][]} */ ([["ArrowRight", 0], ["ArrowRight", 1], ["PageDown", 11], ["PageDown", 15], ["ArrowRight", 15], ["ArrowLeft", 14], ["PageUp", 4], ["PageUp", 0], ["ArrowLeft", 0]])) {
    press(drawn.rows[0], key);
    assert.equal(told.place, place, key);
  }
});

test("from nowhere, left begins at the last place", () => {
  const {drawn, told} = rows();
  press(drawn.rows[0], "ArrowLeft");
  assert.equal(told.place, 15);
});

test("where text runs from right to left the arrows follow it", () => {
  const {drawn, told} = rows({place: 3, direction: "rtl"});
  press(drawn.rows[0], "ArrowLeft");
  assert.equal(told.place, 4);
  press(drawn.rows[0], "ArrowRight");
  assert.equal(told.place, 3);
});

test("Enter and Space choose a row, once while they are held", () => {
  const {drawn, told} = rows();
  press(drawn.rows[1], "Enter");
  press(drawn.rows[1], "Enter", {repeat: true});
  press(drawn.rows[2], " ");
  assert.deepEqual(told.chosen, [1, 2]);
});

test("keys of the browser and other keys are left to it", () => {
  const {drawn, told} = rows({place: 3});
  for (const more of [{ctrlKey: true}, {metaKey: true}, {altKey: true}]) assert.equal(press(drawn.rows[0], "ArrowRight", more).defaultPrevented, false);
  assert.equal(press(drawn.rows[0], "a").defaultPrevented, false);
  assert.equal(press(drawn.rows[0], "ArrowRight").defaultPrevented, true);
  assert.equal(told.place, 4);
});

test("an element that has left the page no longer follows", () => {
  const {drawn, told, end} = rows({place: 3});
  end();
  press(drawn.rows[0], "ArrowRight");
  assert.equal(told.place, 3);
});
