import assert from "node:assert/strict";
import {test} from "node:test";
import {addressOf, followStates, keepState, serveAddresses, targetOf} from "../src/states.js";
import {connection, page, press} from "./page.js";

const FIGURE = '<figure id="fig-größe"><lens-factors></lens-factors></figure><a href="#fig-größe" data-state="factor=3">F3</a>';

/**
 * A figure that can be told a factor and a token, with what it was told so far.
 * @param {string} [hash]
 * @param {string} [html]
 */
async function figure(hash = "", html = FIGURE) {
  const document = page(html, `https://example.org/article/${hash}`);
  /** @type {(object | null)[]} */
  const told = [];
  const root = document.querySelector("lens-factors");
  const {signal, end} = connection();
  for (const one of document.querySelectorAll("figure")) one.scrollIntoView = () => {};
  serveAddresses();
  followStates(root, {names: ["factor", "token"], put: (state) => (told.push(state), state.factor !== 9), rest: () => told.push(null)}, signal);
  await null; // the address is read once the view is made
  return {document, root, told, end, link: document.querySelector("a")};
}

test("an address opens the figure in its state, however its letters are written", async () => {
  assert.deepEqual((await figure("#fig-größe:factor=2")).told, [{factor: 2}]);
  assert.deepEqual((await figure("#fig-gr%C3%B6%C3%9Fe:factor=12")).told, [{factor: 12}]);
});

test("several names are one state, and names of others in the figure are theirs", async () => {
  assert.deepEqual((await figure("#fig-größe:factor=2,token=5")).told, [{factor: 2, token: 5}]);
  assert.deepEqual((await figure("#fig-größe:seed=b,token=5")).told, [{token: 5}]);
});

test("addresses of other figures, states and shapes are left alone", async () => {
  for (const hash of ["", "#fig-größe", "#fig-two:factor=2", "#fig-größe:head=2", "#fig-größe:factor=", "#fig-größe:factor=1,", "#fig-größe:1=1", "#%"]) {
    assert.deepEqual((await figure(hash)).told, [], hash);
  }
});

test("a link puts the figure in its state and names it in the address", async () => {
  const {told, link} = await figure();
  link.click();
  assert.deepEqual(told, [{factor: 3}]);
  assert.match(decodeURIComponent(location.hash), /^#fig-größe:factor=3$/);
});

test("a link with a key of the browser is the browser's", async () => {
  const {told, link} = await figure();
  link.dispatchEvent(new window.MouseEvent("click", {ctrlKey: true, bubbles: true, cancelable: true}));
  assert.deepEqual(told, []);
});

test("the id to which a link leads has no state", () => {
  const document = page('<a href="#fig-a:factor=3" data-state="factor=3"></a><a href="#fig-a"></a><a href="#fig-a:b" data-state="factor=3"></a>');
  assert.deepEqual([...document.querySelectorAll("a")].map(targetOf), ["fig-a", "fig-a", "fig-a:b"]);
});

test("what is pinned stands in the address, at rest nothing does", async () => {
  const {root} = await figure();
  keepState(root, {factor: 5, token: 2});
  assert.match(decodeURIComponent(location.hash), /^#fig-größe:factor=5,token=2$/);
  assert.equal(addressOf(root.closest("figure")), "#fig-größe:factor=5,token=2");
  keepState(root, {factor: 1}, true);
  assert.match(decodeURIComponent(location.hash), /^#fig-größe$/);
  keepState(root, null);
  assert.equal(root.dataset.kept, undefined);
});

test("a figure at rest leaves the address of another alone", async () => {
  const {root} = await figure("#fig-other:factor=2");
  keepState(root, null);
  assert.equal(location.hash, "#fig-other:factor=2");
});

test("a figure that turns by itself changes no address", async () => {
  const {root} = await figure();
  root.toggleAttribute("data-turning", true);
  keepState(root, {factor: 7});
  assert.equal(location.hash, "");
});

test("escape releases what is pinned, and nothing where nothing is", async () => {
  const {document, root, told} = await figure();
  press(document.body, "Escape");
  assert.deepEqual(told, []);
  keepState(root, {factor: 5});
  press(document.body, "Escape");
  assert.deepEqual(told, [null]);
});

test("a figure in a closed disclosure or tab is opened by an address and by a link", async () => {
  const hidden = (/** @type {string} */ id) => `<div class="tabbed-set"><input type="radio" name="t" checked><input type="radio" name="t">
    <div class="tabbed-content"><div class="tabbed-block"></div><div class="tabbed-block"><details><figure id="${id}"><lens-factors></lens-factors></figure></details></div></div></div>
    <a href="#${id}">There</a>`;
  for (const way of ["#fig-a:factor=2", "#fig-a", ""]) {
    const {document, link} = await figure(way, hidden("fig-a"));
    if (!way) {
      assert.equal(document.querySelector("details").open, false);
      link.click();
    }
    assert.equal(document.querySelector("details").open, true, way);
    assert.deepEqual([...document.querySelectorAll("input")].map(({checked}) => checked), [false, true], way);
  }
});

test("an element that has left the page no longer follows", async () => {
  const {told, link, end} = await figure();
  end();
  link.click();
  assert.deepEqual(told, []);
});
