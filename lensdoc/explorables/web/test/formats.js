// How the script writes each of the numbers on its standard input: what tests/test_number_formats.py compares with Python.
import {readFileSync, writeSync} from "node:fs";
import {digits, exact, fixed, score, share} from "../src/numbers.js";
import {levels} from "../src/tints.js";

const {numbers, steps, largest} = JSON.parse(readFileSync(0, "utf8"));
writeSync(1, JSON.stringify({
  share: numbers.map(share),
  score: numbers.map(score),
  exact: numbers.map(exact),
  digits: numbers.map((value) => digits(value)),
  fixed0: numbers.map((value) => fixed(value, 0)),
  fixed3: numbers.map((value) => fixed(value, 3)),
  level: levels(numbers, steps, largest)
}));
