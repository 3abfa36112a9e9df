// How figures write numbers. lensdoc/explorables/numbers.py writes them alike; their limits are in shared.json.
import shared from "../../shared.json" with {type: "json"};

const FORMATS = shared.numbers;

/** Stands for what is no number, or is infinite. */
export const NONE = "–";

/**
 * A share as a label: whole percent, one decimal below one; a tiny one is never shown as nothing.
 * @param {number} value
 */
export function share(value) {
  const {least, whole, decimals} = FORMATS.share;
  const [percent, sign] = [Math.abs(100 * value), value < 0 ? "−" : ""];
  if (value === null || !Number.isFinite(percent)) return NONE; // null times 100 would be 0
  if (!percent) return "0%";
  if (percent < least) return `${sign ? ">" : "<"}${sign}${least}%`;
  return `${sign}${fixed(percent, percent >= whole ? 0 : decimals)}%`;
}

/**
 * A score that is no share, as a label: two decimals, with a true minus; a large one in digits.
 * @param {number} value
 */
export function score(value) {
  const {decimals, most} = FORMATS.score;
  return Math.abs(value) >= most ? digits(value) : fixed(value, decimals);
}

/**
 * A number rounded to decimals, halves away from 0; no minus where it is shown as 0.
 * @param {number} value
 * @param {number} decimals
 */
export function fixed(value, decimals) {
  if (!Number.isFinite(value)) return NONE;
  if (Math.abs(value) >= 1e21) return digits(value); // which toFixed would not round
  const size = Math.abs(value).toFixed(decimals);
  return `${value < 0 && Number(size) ? "−" : ""}${size}`;
}

/**
 * A number rounded to significant digits, three unless said, halves away from 0, and without zeros at the end; with an exponent where it
 * is below a thousandth, or a million or more.
 * @param {number} value
 * @param {number} [count]
 */
export function digits(value, count = FORMATS.digits.count) {
  if (!Number.isFinite(value)) return NONE;
  const {least, most} = FORMATS.digits;
  const short = Number(value.toPrecision(count));
  const plain = !short || (Math.abs(short) >= least && Math.abs(short) < most);
  return written(plain ? String(short) : short.toExponential());
}

/**
 * A number of a record with all its digits: the fewest that tell it from others.
 * @param {number} value
 */
export function exact(value) {
  return Number.isFinite(value) ? written(String(value)) : NONE;
}

/**
 * @param {string} text of a number as JavaScript writes it
 */
const written = (text) => text.replace("+", "").replaceAll("-", "−");
