import assert from "node:assert/strict";
import {test} from "node:test";
import {digits, exact, fixed, score, share} from "../src/numbers.js";

/**
 * @param {(value: any) => string} write
 * @param {[any, string][]} right
 */
const writes = (write, right) => right.forEach(([value, text]) => assert.equal(write(value), text, `${write.name}(${value})`));

test("shares are whole percent, one decimal below one, and never nothing", () => {
  writes(share, [[0, "0%"], [-0, "0%"], [5e-7, "<0.1%"], [0.000999, "<0.1%"], [0.001, "0.1%"], [0.00149, "0.1%"], [0.0095, "0.9%"]]);
  writes(share, [[0.00999, "1.0%"], [0.01, "1%"], [0.014, "1%"], [0.125, "13%"], [0.5, "50%"], [0.9949, "99%"], [0.9995, "100%"], [1, "100%"]]);
});

test("shares beyond 0 and 1 are told as they are", () => {
  writes(share, [[-0.5, "−50%"], [-0.001, "−0.1%"], [-1e-9, ">−0.1%"], [9.9995, "1000%"], [1e20, "1e22%"]]);
});

test("scores have two decimals and a minus only where a digit is left", () => {
  writes(score, [[0, "0.00"], [-0, "0.00"], [5e-7, "0.00"], [-0.004, "0.00"], [0.005, "0.01"], [-0.005, "−0.01"], [12.5, "12.50"]]);
  writes(score, [[999.95, "999.95"], [999.995, "1000.00"], [999999.99, "999999.99"], [1e6, "1e6"], [-2345678, "−2.35e6"], [1e21, "1e21"]]);
});

test("decimals round halves away from 0", () => {
  writes((value) => fixed(value, 0), [[0.5, "1"], [-0.5, "−1"], [1.5, "2"], [2.5, "3"], [0.49, "0"], [-0.49, "0"]]);
  writes((value) => fixed(value, 1), [[0.25, "0.3"], [-0.25, "−0.3"], [999.95, "1000.0"], [2e21, "2e21"]]);
  writes((value) => fixed(value, 3), [[0.0625, "0.063"], [-0.0001, "0.000"]]);
});

test("three digits, halves away from 0, without zeros at the end", () => {
  writes(digits, [[0, "0"], [-0, "0"], [0.5, "0.5"], [1.125, "1.13"], [-1.125, "−1.13"], [1.1249, "1.12"], [99.95, "100"], [999.95, "1000"]]);
  writes(digits, [[1234, "1230"], [123456, "123000"], [999499, "999000"], [999500, "1e6"], [1234567, "1.23e6"], [1e21, "1e21"]]);
  writes(digits, [[0.001, "0.001"], [0.00099999, "0.001"], [0.000999, "9.99e−4"], [5e-7, "5e−7"], [-1.2e-9, "−1.2e−9"], [5e-324, "5e−324"]]);
});

test("values of a record keep all their digits", () => {
  writes(exact, [[0, "0"], [-0, "0"], [3, "3"], [0.1 + 0.2, "0.30000000000000004"], [1234567.5, "1234567.5"], [-2.5, "−2.5"], [1e20, "100000000000000000000"]]);
  writes(exact, [[1e-6, "0.000001"], [5e-7, "5e−7"], [-5e-7, "−5e−7"], [1e21, "1e21"], [-1.5e300, "−1.5e300"]]);
});

test("what is no number is not told as 0", () => {
  for (const write of [share, score, digits, exact, (/** @type {any} */ value) => fixed(value, 2)]) {
    writes(write, [[null, "–"], [undefined, "–"], [NaN, "–"], [Infinity, "–"], [-Infinity, "–"]]);
  }
});
