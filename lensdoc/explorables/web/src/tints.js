import {max} from "d3-array";
import {scaleLinear} from "d3-scale";

/**
 * Step of the tint for each value, halves rounded up.
 * @param {number[]} values
 * @param {number} count number of steps
 * @returns {number[]}
 */
export function levels(values, count) {
  const scale = scaleLinear([0, max(values) || 1], [0, count - 1]);
  return values.map((value) => Math.floor(scale(value) + 0.5));
}
