import assert from "node:assert/strict";
import {test} from "node:test";
import {addressOf, followStates, keepState, targetOf} from "../src/states.js";
import {connection, page} from "./page.js";

const FIGURE = '<figure id="fig-größe"><lens-factors></lens-factors></figure><a href="#fig-größe" data-state="factor=3">F3</a>';

/** @param {string} [hash] */
function figure(hash = "") {
  const document = page(FIGURE, `https://example.org/article/${hash}`);
  /** @type {(number | null)[]} */
  const told = [];
  const root = document.querySelector("lens-factors");
  const {signal, end} = connection();
  document.querySelector("figure").scrollIntoView = () => {};
  followStates(root, {name: "factor", put: (value) => told.push(value), rest: () => told.push(null)}, signal);
  return {root, told, end, link: document.querySelector("a")};
}

test("an address opens the figure in its state, however its letters are written", () => {
  assert.deepEqual(figure("#fig-größe:factor=2").told, [2]);
  assert.deepEqual(figure("#fig-gr%C3%B6%C3%9Fe:factor=12").told, [12]);
});

test("addresses of other figures, states and shapes are left alone", () => {
  for (const hash of ["", "#fig-größe", "#fig-two:factor=2", "#fig-größe:token=2", "#fig-größe:factor=x", "#fig-größe:factor=-1", "#fig-größe:factor=1%", "#%"]) {
    assert.deepEqual(figure(hash).told, [], hash);
  }
});

test("a link puts the figure in its state and names it in the address", () => {
  const {told, link} = figure();
  link.click();
  assert.deepEqual(told, [3]);
  assert.match(decodeURIComponent(location.hash), /^#fig-größe:factor=3$/);
});

test("a link with a key of the browser is the browser's", () => {
  const {told, link} = figure();
  link.dispatchEvent(new window.MouseEvent("click", {ctrlKey: true, bubbles: true, cancelable: true}));
  assert.deepEqual(told, []);
});

test("the id to which a link leads has no state", () => {
  const document = page('<a href="#fig-a:factor=3" data-state="factor=3"></a><a href="#fig-a"></a><a href="#fig-a:b" data-state="factor=3"></a>');
  assert.deepEqual([...document.querySelectorAll("a")].map(targetOf), ["fig-a", "fig-a", "fig-a:b"]);
});

test("the state that a figure keeps is in its address, at rest none", () => {
  const {root} = figure();
  keepState(root, "factor=5");
  assert.equal(addressOf(root.closest("figure")), "#fig-größe:factor=5");
  keepState(root, "factor=1", true);
  assert.equal(addressOf(root.closest("figure")), "#fig-größe");
  keepState(root, null);
  assert.equal(root.dataset.kept, undefined);
});

test("an address that names another state of the figure follows", () => {
  const {root} = figure("#fig-größe:factor=2");
  keepState(root, "factor=7");
  assert.match(decodeURIComponent(location.hash), /:factor=7$/);
  keepState(root, null);
  assert.match(decodeURIComponent(location.hash), /^#fig-größe$/);
});

test("an element that has left the page no longer follows", () => {
  const {told, link, end} = figure();
  end();
  link.click();
  assert.deepEqual(told, []);
});
