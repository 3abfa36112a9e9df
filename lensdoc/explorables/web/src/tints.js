import {max} from "d3-array";
import {scaleLinear} from "d3-scale";

/** Steps of a tint; the style sheet and the page's first state have as many. */
const LEVELS = 16;

/**
 * Step of the tint for each value, halves rounded up.
 * @param {number[]} values
 * @returns {number[]}
 */
export function levels(values) {
  const scale = scaleLinear([0, max(values) || 1], [0, LEVELS - 1]);
  return values.map((value) => Math.floor(scale(value) + 0.5));
}
