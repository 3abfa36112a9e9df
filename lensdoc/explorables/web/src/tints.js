import {max} from "d3-array";

/**
 * Step of the tint for the size of each value, halves rounded up; beyond the largest it is the last.
 * @param {number[]} values
 * @param {number} count number of steps
 * @param {number | null} [largest] what the last step stands for; the largest of the values unless said
 * @returns {number[]}
 */
export function levels(values, count, largest) {
  const whole = (largest ?? max(values, Math.abs)) || 1;
  return values.map((value) => Math.floor((count - 1) * Math.min(1, Math.abs(value) / whole) + 0.5));
}
