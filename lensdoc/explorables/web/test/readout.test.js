import assert from "node:assert/strict";
import {test} from "node:test";
import {readout} from "../src/readout.js";
import {connection, page} from "./page.js";

/** @param {import("node:test").TestContext} context */
function line(context) {
  context.mock.timers.enable({apis: ["setTimeout"]});
  const live = page('<p><span class="ld-live"></span></p>').querySelector(".ld-live");
  const frames = [];
  globalThis.requestAnimationFrame = (act) => frames.push(act);
  globalThis.cancelAnimationFrame = (id) => frames.splice(id - 1, 1);
  const frame = () => frames.splice(0).forEach((act) => act());
  const {signal, end} = connection();
  return {live, end, frame, say: readout(live, signal), rest: (ms = 120) => context.mock.timers.tick(ms)};
}

test("after a rest a text is said in the next frame", (context) => {
  const {live, say, rest, frame} = line(context);
  say("Token 1");
  assert.equal(live.textContent, "");
  frame();
  assert.equal(live.textContent, "Token 1");
  assert.equal(live.getAttribute("role"), "status");
  rest();
  assert.equal(live.textContent, "Token 1");
  say("Token 2");
  frame();
  assert.equal(live.textContent, "Token 2");
});

test("of what is said within a frame the last is written, once", (context) => {
  const {live, say, rest, frame} = line(context);
  say("The factor at rest");
  say("Token 1");
  frame();
  assert.equal(live.textContent, "Token 1");
  rest();
  say("Token 2");
  say("");
  frame();
  assert.equal(live.textContent, "Token 1");
  rest();
  assert.equal(live.textContent, "");
});

test("of texts that follow it quickly the last is said", (context) => {
  const {live, say, rest, frame} = line(context);
  say("Token 1");
  frame();
  rest(100);
  say("Token 2");
  rest(100);
  say("Token 3");
  rest(100);
  assert.equal(live.textContent, "Token 1");
  rest(20);
  assert.equal(live.textContent, "Token 3");
});

test("a gap between two tokens empties nothing", (context) => {
  const {live, say, rest, frame} = line(context);
  say("Token 1");
  frame();
  rest();
  say("");
  frame();
  assert.equal(live.textContent, "Token 1");
  rest(60);
  say("Token 2");
  frame();
  assert.equal(live.textContent, "Token 2");
  rest();
  say("");
  rest();
  assert.equal(live.textContent, "");
});

test("an element that leaves the page says no more", (context) => {
  const {live, say, rest, end, frame} = line(context);
  say("Token 1");
  frame();
  rest();
  say("Token 2");
  end();
  frame();
  rest();
  assert.equal(live.textContent, "");
});
