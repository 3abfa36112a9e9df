import assert from "node:assert/strict";
import {test} from "node:test";
import {decodeHalves, exponentOf} from "../src/draw/halves.js";
import {halfAt} from "../src/halves.js";

/**
 * Base64 of 16-bit patterns, little-endian.
 * @param {number[]} bits
 */
const base64 = (bits) => Buffer.from(Uint16Array.from(bits).buffer).toString("base64");

test("numbers of all kinds are read", () => {
  const bits = [0x3c00, 0xc000, 0x3555, 0x7bff, 0x0400, 0x0001, 0x03ff, 0x0000];
  const right = [1, -2, 0.333251953125, 65504, 2 ** -14, 2 ** -24, 1023 * 2 ** -24, 0];
  assert.deepEqual(bits.map((_, i) => halfAt(base64(bits), i)), right);
});

test("minus 0 is 0 to a reader", () => {
  assert.ok(halfAt(base64([0x8000]), 0) === 0);
});

test("every place is read, whatever lies before it", () => {
  const bits = Array.from({length: 50}, (_, i) => 0x3c00 + i);
  bits.forEach((_, i) => assert.equal(halfAt(base64(bits), i), 1 + i / 1024));
});

test("every finite half is its value", () => {
  const finite = Array.from({length: 65536}, (_, i) => i).filter((bits) => (bits >> 10 & 31) !== 31);
  const text = base64(finite);
  finite.forEach((bits, i) => {
    const exponent = bits >> 10 & 31, fraction = (bits & 1023) / 1024;
    const size = exponent ? (1 + fraction) * 2 ** (exponent - 15) : fraction * 2 ** -14;
    assert.ok(halfAt(text, i) === (bits & 0x8000 ? -size : size), bits.toString(16));
  });
});

test("numbers not below 0 are decoded at once as one by one", () => {
  const bits = [...Array.from({length: 31}, (_, exponent) => exponent << 10), 0x0001, 0x03ff, 0x3555, 0x7bff];
  assert.deepEqual(Array.from(decodeHalves(base64(bits))), bits.map((_, i) => halfAt(base64(bits), i)));
});

test("a number is from a half to one times two to its exponent", () => {
  for (const value of [1, 0.5, 0.75, 1 - Number.EPSILON / 2, 3, 2 ** 15, 2 ** -14, 1e-300, 1e300, Number.MIN_VALUE * 2 ** 52]) {
    const part = value / 2 ** (exponentOf(value) - 1) / 2; // in two steps: the power itself may be too large
    assert.ok(part >= 0.5 && part < 1, `${value}`);
  }
});
