import assert from "node:assert/strict";
import {test} from "node:test";
import {followTurn} from "../src/turn.js";
import {connection, page} from "./page.js";

const STAY = 1600;

/**
 * @param {import("node:test").TestContext} context
 * @param {{hero?: boolean, still?: boolean, values?: number[], hash?: string}} [about]
 */
function opening(context, {hero = true, still = false, values = [1, 2, 3, 4], hash = ""} = {}) {
  context.mock.timers.enable({apis: ["setTimeout"]});
  const words = "<span class=ld-token data-target>,</span><span class=ld-token data-target>Chile</span>";
  const figure = `<figure><div class="root">${words}<span class="ld-live"></span></div></figure>`;
  const document = page(hero ? `<div class="ld-hero">${figure}</div>` : figure, `https://example.org/${hash}`);
  Object.defineProperty(globalThis, "matchMedia", {value: () => ({matches: still}), configurable: true});
  const root = document.querySelector(".root");
  /** @type {(number | null)[]} */
  const told = [];
  const {signal, end} = connection();
  followTurn(root, values, {put: (value) => told.push(value), rest: () => told.push(null)}, signal);
  return {document, root, told, end, pass: (turns) => { for (let i = 0; i < turns; i++) context.mock.timers.tick(STAY); }};
}

test("a figure that opens a page goes once through three states and comes to rest, unsaid", (context) => {
  const {root, told, pass} = opening(context);
  assert.deepEqual(told, []);
  assert.equal(root.querySelector(".ld-live").getAttribute("aria-live"), "off");
  pass(9);
  assert.deepEqual(told, [2, 3, 4, null]);
  assert.equal(root.querySelector(".ld-live").hasAttribute("aria-live"), false);
});

test("whatever a reader does with it ends the turn", (context) => {
  const {document, told, pass} = opening(context);
  pass(1);
  document.querySelector("figure").dispatchEvent(new window.Event("pointerover", {bubbles: true}));
  pass(5);
  assert.deepEqual(told, [2, null]);
});

test("a figure that leaves the page turns no more", (context) => {
  const {told, end, pass} = opening(context);
  end();
  pass(5);
  assert.deepEqual(told, []);
});

for (const [why, about] of Object.entries({
  "another place": {hero: false}, "a reader who wants no motion": {still: true}, "an address with a state": {hash: "#fig-x:token=3"}, "two states": {values: [1, 2]}
})) {
  test(`nothing turns for ${why}`, (context) => {
    const {told, pass} = opening(context, about);
    pass(9);
    assert.deepEqual(told, []);
  });
}

test("the first word asks to be chosen, until something was", (context) => {
  const {document} = opening(context);
  const [sign, word] = document.querySelectorAll(".ld-token");
  assert.deepEqual([sign, word].map((token) => token.hasAttribute("data-invites")), [false, true]);
  document.querySelector("figure").dispatchEvent(new window.Event("pointerdown", {bubbles: true}));
  assert.equal(word.hasAttribute("data-invites"), false);
});
