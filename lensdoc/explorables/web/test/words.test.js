import assert from "node:assert/strict";
import {test} from "node:test";
import {about, begun, forward, numbered, quoted, text, word} from "../src/words.js";
import {page, tokens} from "./page.js";

/** @param {string} html */
const token = (html) => page(`<div class="ld-tokens">${html}</div>`).querySelector(".ld-token");

test("a token is one line", () => {
  assert.equal(text(token('<span class="ld-token"><span class="ld-glyph">⏎</span>\n</span>')), "⏎");
  assert.equal(text(token('<span class="ld-token"></span>')), "");
});

test("marks that a character goes on are no part of what a token begins", () => {
  assert.equal(begun(token('<span class="ld-token"><span class="ld-on">·</span>ab<span class="ld-stretch">ــــ</span></span>')), "ab");
  assert.equal(begun(token('<span class="ld-token"> the</span>')), " the");
});

test("a token that needs words has them", () => {
  const part = token('<span class="ld-token" data-said="‘हि’ (bytes E0 A4, part 1 of 2)">x</span>');
  assert.equal(quoted(part), "‘हि’ (bytes E0 A4, part 1 of 2)");
  assert.equal(word(part), "हि");
  assert.equal(quoted(token('<span class="ld-token">&lt;b&gt;</span>')), "‘<b>’");
});

test("marks of direction are not a part of a word", () => {
  assert.equal(word(token('<span class="ld-token" data-said="‘\u2068של\u2069’">של</span>')), "של");
  assert.equal(word(token('<span class="ld-token" data-said="‘’’">x</span>')), "’");
});

test("a token of a template is told as one", () => {
  const found = [...page(tokens("a", "(b)")).querySelectorAll(".ld-token")];
  assert.deepEqual(found.map((each, i) => numbered(each, i)), ["token\xa00", "template token\xa01"]);
  assert.deepEqual(found.map((each, i) => about(each, i)), ["Token\xa00 ‘a’", "Template token\xa01 ‘b’"]);
});

test("what is further on stands further left where text runs so", () => {
  assert.equal(forward(token('<span class="ld-token">a</span>')), 1);
  assert.equal(forward(token('<span class="ld-token" style="direction: rtl">a</span>')), -1);
  assert.equal(forward(null), 1);
});
