// Labels of charts, which do not cover each other. lensdoc/explorables/charts.py has the same.
import {element} from "./elements.js";
import {decimal} from "./formats.js";

/**
 * Words in a chart.
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {string} anchor
 * @param {string} [kind]
 */
export const label = (text, x, y, anchor, kind = "ld-tick") => element("text", {class: kind, x: decimal(x, 1), y: decimal(y, 1), "text-anchor": anchor}, text);

/**
 * The places of labels, moved down where they would cover each other, and up again where that leads below `lowest`.
 * @param {number[]} places
 * @param {number} least
 * @param {number} lowest
 */
export function apart(places, least, lowest) {
  const found = [...places], order = [...places.keys()].sort((a, b) => places[a] - places[b]);
  let last = -Infinity;
  for (const index of order) last = found[index] = Math.max(places[index], last + least);
  let below = lowest;
  for (const index of order.reverse()) {
    found[index] = Math.min(found[index], below);
    below = found[index] - least;
  }
  return found;
}
