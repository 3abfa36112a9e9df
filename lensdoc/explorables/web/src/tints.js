import {max} from "d3-array";
import {scaleLinear} from "d3-scale";

/**
 * Step of the tint for each value, halves rounded up.
 * @param {number[]} values
 * @param {number} count number of steps
 * @param {number | null} [largest] what the last step stands for; the largest of the values unless said
 * @returns {number[]}
 */
export function levels(values, count, largest) {
  const scale = scaleLinear([0, (largest ?? max(values)) || 1], [0, count - 1]);
  return values.map((value) => Math.floor(scale(value) + 0.5));
}
