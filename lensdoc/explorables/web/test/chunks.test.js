import assert from "node:assert/strict";
import {beforeEach, describe, test} from "node:test";
import {chunked} from "../src/chunks.js";
import {connection} from "./page.js";

/** @type {{see: (entries: object[]) => void, observed: any[], ended: boolean} | null} */
let observer = null;

describe("parts of a long text", () => {
  beforeEach(() => {
    observer = null;
    globalThis.IntersectionObserver = /** @type {any} */ (class {
      /** @param {(entries: object[]) => void} see */
      constructor(see) { observer = {see, observed: [], ended: false}; }
      /** @param {any} part */
      observe(part) { observer?.observed.push(part); }
      disconnect() { if (observer) observer.ended = true; }
    });
  });

  const PARTS = /** @type {any[]} */ ([{}, {}, {}]);

  test("before anything is known of the view, all is painted", () => {
    /** @type {number[]} */
    const painted = [];
    chunked(PARTS, (part) => painted.push(part), connection().signal)();
    assert.deepEqual(painted, [0, 1, 2]);
  });

  test("what is out of view is painted when it comes near, and once", () => {
    /** @type {number[]} */
    const painted = [];
    const paint = chunked(PARTS, (part) => painted.push(part), connection().signal);
    observer?.see([{target: PARTS[1], isIntersecting: false}, {target: PARTS[2], isIntersecting: false}]);
    paint();
    assert.deepEqual(painted, [0]);
    observer?.see([{target: PARTS[2], isIntersecting: true}]);
    assert.deepEqual(painted, [0, 2]);
    observer?.see([{target: PARTS[2], isIntersecting: false}]);
    observer?.see([{target: PARTS[2], isIntersecting: true}]);
    assert.deepEqual(painted, [0, 2]);
  });

  test("when the element leaves the page all is painted again", () => {
    /** @type {number[]} */
    const painted = [];
    const {signal, end} = connection();
    const paint = chunked(PARTS, (part) => painted.push(part), signal);
    observer?.see([{target: PARTS[1], isIntersecting: false}]);
    end();
    paint();
    assert.deepEqual(painted, [0, 1, 2]);
    assert.equal(observer?.ended, true);
  });

  test("one part needs no observer", () => {
    let painted = 0;
    chunked([PARTS[0]], () => painted++, connection().signal)();
    assert.equal(observer, null);
    assert.equal(painted, 1);
  });
});
