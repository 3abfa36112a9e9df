import {range} from "d3-array";
import {line} from "d3-shape";
import shared from "../../shared.json" with {type: "json"};

/**
 * The path of a sparkline, clipped at its limit: the line through the values, closed along the base, with gaps where nothing was
 * measured. The page's first state has the same path.
 * @param {number[]} values
 * @param {number} limit what `base` stands for
 * @param {number} base distance of the line of 0 from the upper edge
 * @param {number[]} left places where nothing was measured, ascending
 */
export function pathOf(values, limit, base, left) {
  /** @param {number} x */
  const y = (x) => Math.floor(base * (1 - Math.max(-1, Math.min(1, values[x] / (limit || 1)))) + 0.5);
  const draw = line((/** @type {number} */ x) => x, y);
  /** @param {number[]} places a line of one place comes closed */
  const stretch = (places) => `${draw(places)?.replace("Z", "")}V${base}H${places[0]}Z`;
  return stretches(points(values), left).map(stretch).join("");
}

/**
 * Which values a sparkline is drawn through.
 * @param {number[]} values
 */
export function points(values) {
  const count = values.length;
  const wide = Math.ceil(count / shared.sparkline.points);
  if (wide <= 1) return range(count);
  return [...new Set([0, ...range(0, count, wide).map((x) => peakAt(values, x, Math.min(x + wide, count))), count - 1])];
}

/**
 * Places that follow each other without one that was left out between them.
 * @param {number[]} places
 * @param {number[]} left ascending
 */
export function stretches(places, left) {
  /** @type {number[][]} */
  const found = [[]];
  let gap = 0;
  for (const place of places) {
    for (; left[gap] < place; gap++) found.push([]);
    if (left[gap] !== place) found[found.length - 1].push(place);
  }
  return found.filter((one) => one.length);
}

/**
 * Where a value is largest in size, between two places; the first of several. There may be thousands, so it is a plain loop.
 * @param {number[]} values
 * @param {number} [from]
 * @param {number} [to]
 */
export function peakAt(values, from = 0, to = values.length) {
  let at = from;
  for (let i = from + 1; i < to; i++) if (Math.abs(values[i]) > Math.abs(values[at])) at = i;
  return at;
}
