import assert from "node:assert/strict";
import {test} from "node:test";
import {createHash} from "node:crypto";
import {gzipSync} from "node:zlib";
import {eigen} from "../src/live/eigen.js";
import {nmf} from "../src/live/nmf.js";
import {page} from "./page.js";

page(""); // before what needs a document
const {defineLens} = await import("../src/lens.js");
const {sequenceView} = await import("../src/sequence.js");
const {join} = await import("../src/families.js");
const {redrawn} = await import("../src/live/slots.js");
const {fourDigits} = await import("../src/live/answers.js");
const {passesOf} = await import("../src/live/passes.js");
const {described} = await import("../src/live/striking.js");
const {fetchEach} = await import("../src/live/files.js");
const {checked, guessed} = await import("../src/live/guessing.js");
const {Writer} = await import("../src/live/writing.js");
const {progress} = await import("../src/live/progress.js");

const rows = (/** @type {number[][]} */ numbers) => numbers.map((row) => Float64Array.from(row));

test("eigenvectors are turned into multiples of themselves, the largest first", () => {
  const matrix = rows([[4, 1, 0.5], [1, 3, -1], [0.5, -1, 2]]), found = eigen(matrix);
  assert.deepEqual(found.map(({value}) => value), found.map(({value}) => value).sort((a, b) => b - a));
  for (const {value, vector} of found) {
    matrix.forEach((row, i) => assert.ok(Math.abs(row.reduce((sum, x, j) => sum + x * vector[j], 0) - value * vector[i]) < 1e-9));
    assert.ok(Math.abs(vector.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-12);
  }
});

test("two groups that never fire together are two factors, the stronger first", () => {
  const low = [1, 2, 0, 0], high = [0, 0, 3, 1], times = [[1, 0], [0, 2], [2, 0], [0, 1], [1, 0]];
  const matrix = Float64Array.from(times.flatMap(([a, b]) => low.map((x, n) => a * x + b * high[n])));
  const {weights, loadings, explained, error} = nmf(matrix, 5, 2);
  assert.ok(error < 1e-3);
  assert.ok(Math.abs(explained[0] + explained[1] - 1) < 1e-3);
  assert.ok(explained[0] > explained[1]);
  loadings.forEach((loading) => assert.ok(Math.abs(Math.hypot(...loading) - 1) < 1e-9));
  assert.ok([...weights, ...loadings].every((values) => values.every((value) => value >= 0)));
  assert.deepEqual(Array.from(weights[0], (value) => value > 0.01), [false, true, false, true, false]);
});

test("factors of any number are those of which the error is told, and are close to the matrix they were made of", () => {
  let state = 7;
  const random = () => (state = (state * 16807) % 2147483647) / 2147483647;
  for (const count of [1, 3, 5, 9]) {
    const [rows, width] = [12, 40], w = Array.from({length: rows * count}, random), h = Array.from({length: count * width}, () => Math.max(0, random() - 0.4));
    const matrix = Float64Array.from({length: rows * width}, (_, at) => {
      const [i, n] = [Math.floor(at / width), at % width];
      return Array.from({length: count}, (_, f) => w[i * count + f] * h[f * width + n]).reduce((a, b) => a + b) + 0.01 * random();
    });
    const {weights, loadings, error} = nmf(matrix, rows, count);
    const left = matrix.map((value, at) => value - weights.reduce((sum, row, f) => sum + row[Math.floor(at / width)] * loadings[f][at % width], 0));
    assert.ok(Math.abs(error - Math.hypot(...left) / Math.hypot(...matrix)) < 1e-6, `${count} factors`);
    assert.ok(error < 0.05, `${count} factors: ${error}`);
    assert.equal(weights.length, count);
  }
});

test("neurons that are silent throughout are in no factor, and change nothing of it", () => {
  const low = [1, 2, 0, 0, 1], high = [0, 0, 3, 1, 1], times = [[1, 0], [0, 2], [2, 0], [0, 1], [1, 3]];
  const rows = times.map(([a, b]) => low.map((x, n) => a * x + b * high[n])), silent = rows.map(([p, q, r, s, t]) => [0, p, q, 0, r, s, t, 0]);
  const [found, among] = [rows, silent].map((each) => nmf(Float64Array.from(each.flat()), 5, 2));
  found.loadings.forEach((loading, f) => {
    const [p, q, r, s, t] = loading, expected = [0, p, q, 0, r, s, t, 0];
    among.loadings[f].forEach((value, n) => assert.ok(Math.abs(value - expected[n]) < 1e-3, `${among.loadings[f]}`));
  });
  const nothing = nmf(new Float64Array(12), 3, 2);
  assert.deepEqual([...nothing.weights, ...nothing.loadings].flatMap((values) => [...values]), Array(14).fill(0));
});

test("an answer that comes within a moment is not told in parts, and another one at most every tenth of a second", ({mock}) => {
  mock.timers.enable({apis: ["setTimeout"]});
  const before = window.setTimeout;
  window.setTimeout = /** @type {any} */ (globalThis.setTimeout);
  /** @type {(string | number)[]} */
  const told = [];
  const written = progress({counted: (tokens) => told.push(tokens), written: (text) => told.push(text)});
  written.begin();
  written.given(3);
  written.token("a");
  mock.timers.tick(299);
  assert.deepEqual(told, [], "nothing yet");
  written.end();
  mock.timers.tick(1000);
  assert.deepEqual(told.splice(0), [3], "the answer is there: how many tokens were given, and nothing that was written");
  written.begin();
  written.given(4);
  written.token("b");
  mock.timers.tick(300);
  assert.deepEqual(told.splice(0), [4, "b"]);
  written.token("c");
  mock.timers.tick(99);
  written.token("d");
  assert.deepEqual(told, []);
  mock.timers.tick(1);
  assert.deepEqual(told.splice(0), [4, "bcd"]);
  written.end();
  window.setTimeout = before;
});

test("a further token is read alone, and of another text what it has in common with the last one is not read again", async () => {
  /** @type {any[]} */
  const asked = [];
  const run = async (/** @type {any} */ {ids, past}) => {
    asked.push([ids, Array.from(past ?? [])]);
    return {next: {data: Float32Array.of(1)}, present: {data: Float32Array.from(ids.flatMap((/** @type {number} */ id) => [id, -id]))}};
  };
  const writer = new Writer(/** @type {any} */ ({row: 2, run}));
  for (const ids of [[5, 6], [5, 6, 7], [5, 6, 7, 8, 9, 10], [5, 4, 3], [5, 4, 3]]) await writer.next(ids);
  assert.deepEqual(asked, [[[5, 6], []], [[7], [5, -5, 6, -6]], [[8, 9, 10], [5, -5, 6, -6, 7, -7]], [[4, 3], [5, -5]], [[3], [5, -5, 4, -4]]]);
  await new Writer(/** @type {any} */ ({row: 0, run})).next([5, 6]);
  assert.deepEqual(asked.at(-1), [[5, 6], []], "a graph without keys and values reads all");
});

test("what was written last is guessed, and taken as far as the model writes it", async () => {
  const last = {ids: [1, 2, 7, 8, 9], given: 2};
  assert.deepEqual(guessed(last, [1, 2, 7], 2, 9, []), [8, 9], "the same text");
  assert.deepEqual(guessed(last, [1, 2, 7, 8], 3, 9, []), [9], "the text as the model went on");
  assert.deepEqual(guessed(last, [1, 3, 7], 2, 9, []), [8, 9], "another text that begins to go on alike");
  assert.deepEqual(guessed(last, [1, 3, 7], 2, 1, []), [8], "not more than may be written");
  assert.deepEqual(guessed(last, [1, 3, 7], 2, 9, [8]), [8], "nothing after an end");
  assert.deepEqual(guessed(last, [1, 3, 4], 2, 9, []), []);
  assert.deepEqual(guessed(undefined, [1, 3, 4], 2, 9, []), []);
  const asked = /** @type {number[][]} */ ([]);
  const look = async (/** @type {number[]} */ ids) => {
    asked.push(ids);
    const row = [7, 8, 5, 6].map((id, i) => ({ids: [id, 0], probs: [(i + 1) / 10, 0]})); // and the end
    return /** @type {any} */ ({top: [[], row]});
  };
  const right = await checked([1, 2, 7], 2, [8, 5], look), wrong = await checked([1, 2, 7], 2, [9, 5], look);
  assert.deepEqual(right.tokens, [{id: 8, prob: 0.2}, {id: 5, prob: 0.3}]);
  assert.ok(right.passes);
  assert.deepEqual(wrong, {tokens: [{id: 8, prob: 0.2}], passes: undefined}, "where it is wrong the model's own token, and no more");
  assert.deepEqual(asked, [[1, 2, 7, 8, 5], [1, 2, 7, 9, 5]]);
});

test("files come three at a time, in their order, and one that fails is told as such", async () => {
  const bytes = (/** @type {number} */ n) => gzipSync(Buffer.from([n]));
  /** @type {string[]} */
  const log = [];
  const open = {now: 0, most: 0};
  globalThis.fetch = /** @type {any} */ (async (/** @type {string} */ url) => {
    open.most = Math.max(open.most, ++open.now);
    await new Promise((resolve) => setTimeout(resolve, 5));
    open.now--;
    log.push(url.slice(-1));
    return new Response(url.endsWith("9") ? null : bytes(Number(url.slice(-1))), {status: url.endsWith("9") ? 404 : 200});
  });
  const asked = (/** @type {number} */ n) => ({url: `http://x/${n}`, size: bytes(n).length, sha256: createHash("sha256").update(bytes(n)).digest("hex")});
  const told = [0];
  const found = await Promise.all(fetchEach([1, 2, 3, 4, 5].map(asked), (done) => told.push(done), new AbortController().signal));
  assert.deepEqual(found.map(([byte]) => byte), [1, 2, 3, 4, 5]);
  assert.equal(open.most, 3);
  assert.equal(told.at(-1), 5 * bytes(1).length);
  const [good, bad] = await Promise.allSettled(fetchEach([1, 9].map(asked), () => {}, new AbortController().signal));
  assert.equal(good.status, "fulfilled");
  assert.match(bad.status === "rejected" ? bad.reason.message : "", /built without the files/);
});

test("what a strike changes is said of the chosen token and of the one that changed most", () => {
  const tokens = ["a", "b", "c", "d"].map((text, id) => ({text, id, kind: /** @type {const} */ ("output")}));
  const changes = [{position: 2, before: 0.5, after: 0.25}, {position: 3, before: 0.9, after: 0.09}];
  const told = {tokens, struck: [0], target: 2, changes, would: {...tokens[3], prob: 0.6}};
  assert.equal(described(told), "Without ‘a’ (token 0): ‘c’ (token 2) goes from 50% to 25%, its log-probability by −0.693; the model would " +
    "write ‘d’ there (60%). The largest change: ‘d’ (token 3) goes from 90% to 9%.");
  assert.match(described({...told, would: {...tokens[2], prob: 0.25}}), /; it stays the most probable there\. The/);
  assert.equal(described({...told, struck: []}), "No token is struck out.");
});

test("a token that had the focus has it again in the figure that is drawn anew, which no longer waits for its place in the view", async () => {
  globalThis.IntersectionObserver = /** @type {any} */ (class {
    observe() {}
    unobserve() {}
  });
  const html = '<div class="ld-tokens"><span class="ld-token">a</span><span class="ld-token">b</span></div><p><span class="ld-live"></span></p>';
  const draw = () => Object.assign(document.createElement("lens-sequence"), {innerHTML: `${html}<template class="ld-data">{"ids": [1, 2], "probs": {}, "ranks": {}}</template>`});
  join("draw", {draw});
  page(`<figure><lens-live><div class="ld-slot" data-kind="sequence"><p>Title</p><lens-sequence>${html}</lens-sequence></div></lens-live></figure>`);
  globalThis.customElements = /** @type {any} */ (window).customElements;
  defineLens("lens-sequence", sequenceView);
  const root = /** @type {HTMLElement} */ (document.querySelector("lens-live"));
  const second = () => /** @type {HTMLElement} */ (root.querySelectorAll(".ld-token")[1]);
  second().tabIndex = 0;
  second().focus();
  const before = second(), show = await redrawn(root, {}, [{format: "lensdoc/sequence"}], 0, () => {});
  show();
  assert.notEqual(second(), before);
  assert.equal(document.activeElement, second());
  assert.equal(second().getAttribute("tabindex"), "0"); // without it a browser gives it no focus
});

test("a text is looked at in few passes, each with as many places as its logits allow", async () => {
  /** @type {any[]} */
  const asked = [];
  const model = /** @type {any} */ ({run: async (/** @type {any} */ given) => {
    asked.push(given);
    const each = given.places.flatMap((/** @type {number} */ place) => [10 * place, 10 * place + 1]);
    return {
      ranks: {data: [...given.places, ...given.places]}, probs: {data: [...given.wanted, ...given.wanted]},
      top_ids: {data: [...each, ...each]}, top_probs: {data: [...each, ...each]}, weights: given.attention, activations: given.neurons,
      scores: {data: Float32Array.from([3, 1, 0, 0])}
    };
  }});
  const read = {tokens: Array.from("abcde", (text, id) => ({text, id, kind: /** @type {const} */ ("output")})), ids: [5, 6, 7, 8, 9], given: 2, kept: [1, 1, 1, 1, 1]};
  const found = await passesOf(model, read, {layers: 2, vocabulary: 3_000_000, parameters: 1e9}, {targets: true, end: true, attention: true, neurons: false}, async () => {});
  assert.deepEqual(asked.map(({places, wanted}) => [places, wanted]), [[[1, 2], [7, 8]], [[3, 4], [9, 0]]]);
  assert.deepEqual(asked.map(({ids, attention, neurons}) => [ids.length, attention, neurons]), [[3, undefined, undefined], [5, true, false]]);
  assert.deepEqual(found.ranks, [[1, 2, 3], [1, 2, 3]]);
  assert.deepEqual(found.probs, [[7, 8, 9], [7, 8, 9]]);
  assert.deepEqual(found.top[1].map(({ids}) => ids), [[10, 11], [20, 21], [30, 31], [40, 41]]);
  assert.equal(found.weights, true);
  await passesOf(model, read, {layers: 2, vocabulary: 9, parameters: 1e9}, {targets: false, end: false, attention: false, neurons: false}, async () => {});
  assert.equal(asked.length, 2); // nothing is asked for
});

test("a token is explained in a pass that is made anyway, where its end is near", async () => {
  /** @type {any[]} */
  const asked = [];
  const model = /** @type {any} */ ({run: async (/** @type {any} */ given) => {
    asked.push(given);
    const none = {data: new Float32Array(2)};
    return {ranks: none, probs: none, top_ids: none, top_probs: none, scores: {data: Float32Array.from([3, 1, 0, 0])}};
  }});
  const read = {tokens: Array.from("abcdef", (text, id) => ({text, id, kind: /** @type {const} */ ("output")})), ids: [5, 6, 7, 8, 9, 4], given: 2, kept: [1, 0, 1, 1, 1, 1]};
  const of = (/** @type {number} */ explained) => passesOf(model, read, {layers: 2, vocabulary: 3_000_000, parameters: 1e9},
    {targets: true, end: false, attention: false, neurons: false, explained}, async () => {});
  assert.deepEqual((await of(2)).saliency, {scores: [0.75, 0.25], total: 4}); // of the tokens before it alone
  assert.deepEqual(asked.map(({ids, at, token}) => [ids.length, at, token]), [[3, 1, 7], [5, undefined, undefined]]);
  assert.deepEqual(asked[0].kept, [1, 0, 1]);
  asked.length = 0;
  assert.ok((await of(5)).saliency);
  assert.deepEqual(asked.map(({at, token}) => [at, token]), [[undefined, undefined], [4, 4]]);
  const long = {...read, given: 1}, ENDS = {targets: true, end: true, attention: false, neurons: false};
  assert.equal((await passesOf(model, long, {layers: 1, vocabulary: 9, parameters: 1e9}, {...ENDS, explained: 1}, async () => {})).saliency, undefined);
  assert.ok((await passesOf(model, long, {layers: 1, vocabulary: 9, parameters: 1e6}, {...ENDS, explained: 1}, async () => {})).saliency, "small models take as long for few tokens");
});

test("numbers are rounded to four digits as by their decimals", () => {
  let seed = 7;
  const random = () => (seed = seed * 48271 % 2147483647) / 2147483647;
  const some = Array.from({length: 20000}, () => (random() - 0.5) * 10 ** Math.floor(12 * random() - 9)).flatMap((value) => [value, Math.fround(value)]);
  const hard = [0, -0, 1, -1, 0.5, 1234.5, -1234.5, 1235.5, 0.99995, 9999.5, 99995, 0.00012345, 1e-30, 1e30, NaN, Infinity, 1000, 999.95, 1e-5, 0.001];
  for (const value of [...some, ...hard]) assert.equal(fourDigits(value), Number(value.toPrecision(4)), String(value));
});
