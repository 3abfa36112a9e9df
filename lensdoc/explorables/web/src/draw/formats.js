// How the first state writes numbers where it does not use those of numbers.js: as Python formats them, halves to even.
import words from "../../../words.json" with {type: "json"};

/**
 * A sentence with its values in place of `{names}`.
 * @param {string} template
 * @param {Record<string, string | number>} values
 */
export const said = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

/**
 * A whole number with commas between thousands.
 * @param {number} value
 */
export const thousands = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

/**
 * A number of things.
 * @param {number} count
 * @param {string} noun
 */
export const counted = (count, noun) => `${thousands(count)} ${noun}${count === 1 ? "" : "s"}`;

/**
 * `f"{value:.1f}"` of Python.
 * @param {number} value
 * @param {number} decimals
 */
export function decimal(value, decimals) {
  const text = value.toFixed(decimals);
  return isTie(value.toFixed(100), text) ? rounded(value, text, (less) => less.toFixed(decimals)) : text;
}

/**
 * `f"{value:.3g}"` of Python.
 * @param {number} value
 * @param {number} [count] significant digits
 */
export function general(value, count = 6) {
  const text = value.toPrecision(count);
  const right = Number(isTie(value.toPrecision(100), text) ? rounded(value, text, (less) => less.toPrecision(count)) : text);
  if (right && (Math.abs(right) < 1e-4 || Math.abs(right) >= 10 ** count)) {
    return right.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return String(right);
}

/**
 * `f"{value:.0%}"` of Python.
 * @param {number} value
 * @param {number} [decimals]
 */
export const wholePercent = (value, decimals = 0) => `${decimal(100 * value, decimals)}%`;

/**
 * A probability in percent, three significant digits; never 0 for what is not 0, never 100 for what is less.
 * @param {number} prob
 */
export function percent(prob) {
  if (prob === 0 || prob === 1) return `${100 * prob}%`;
  if (prob < 0.0001) return "<0.01%";
  return prob >= 0.9995 ? ">99.9%" : `${general(100 * prob, 3)}%`;
}

/**
 * Whether a number lies in the middle between two that have fewer digits: all of its digits, and those of the nearest, tell.
 * @param {string} exact
 * @param {string} short
 */
function isTie(exact, short) {
  if (/e/.test(exact + short)) return false;
  const kept = short.includes(".") ? short.length : short.length + 1;
  return /^\.?50*$/.test(exact.slice(kept));
}

/**
 * Of the two nearest the one whose last digit is even. JavaScript takes the one farther from 0.
 * @param {number} value
 * @param {string} away
 * @param {(less: number) => string} write
 */
function rounded(value, away, write) {
  if (/[02468]$/.test(away)) return away;
  return write(value - value * Number.EPSILON);
}

/**
 * How many template tokens, in words.
 * @param {number} count
 */
export const templates = (count) => said(count === 1 ? words.templates.one : words.templates.many, {count});
