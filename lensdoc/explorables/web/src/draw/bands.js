// What stands beside the rows of a heatmap: bands with the clusters, or the neurons' indices. lensdoc/explorables/bands.py draws the same.
import sizes from "../../../sizes.json" with {type: "json"};
import {element} from "./elements.js";
import {thousands} from "./formats.js";

/** @typedef {{number: number, size: number, lines: number}} Band a cluster: its number, its neurons, and the lines that they take */

/**
 * A band for each cluster, as high as its rows, or labels of lines.
 * @param {import("./heat.js").Heat} heat
 * @param {import("./heatmaps.js").Shape} shape
 */
export function bandsElement(heat, shape) {
  if (heat.clusters.length) return bands(clusterBands(heat, shape), "ld-bands ld-clusters");
  if (shape.wrap) {
    const firsts = heat.neurons.filter((_, n) => n % shape.wrap === 0), every = Math.ceil(firsts.length / 10);
    return bands(firsts.map((n, i) => band(1, i % every ? "" : String(n))));
  }
  const ends = [heat.neurons[0], heat.neurons[heat.neurons.length - 1]].slice(0, heat.neurons.length);
  return bands(ends.map((n) => element("span", null, String(n))));
}

/**
 * @param {Element[]} content
 * @param {string} [kind]
 */
const bands = (content, kind = "ld-bands") => element("div", {class: kind, "aria-hidden": "true"}, ...content);

/**
 * @param {number} size
 * @param {string} label
 * @param {string} [more]
 */
function band(size, label, more = "") {
  const words = element("span", {class: "ld-label"}, label, ...(more ? [element("span", null, ` ${more}`)] : []));
  return element("span", {class: "ld-band", style: `--ld-size: ${size}`}, ...(label ? [words] : []));
}

/**
 * Clusters whose bands are too low for a label share one with their neighbours.
 * @param {import("./heat.js").Heat} heat
 * @param {import("./heatmaps.js").Shape} shape
 */
function clusterBands({clusters}, {height, lines, tall}) {
  const {label, slack, paper} = sizes.heat;
  const all = clusters.map(([number, size], i) => ({number, size, lines: size * tall[i]}));
  return groups(all, label * lines / Math.min(height, paper) * slack).flatMap((group) => {
    const first = group[0].number, last = group[group.length - 1].number;
    const name = first === last ? `C${first}` : `C${first}–${last}`;
    const neurons = group.reduce((sum, {size}) => sum + size, 0);
    return group.map((one, index) => band(one.lines, index ? "" : name, thousands(neurons)));
  });
}

/**
 * Neighbouring clusters, together of as many lines as `least` at least, if there are as many.
 * @param {Band[]} all
 * @param {number} least
 */
function groups(all, least) {
  /** @type {Band[][]} */
  const found = [[]];
  const high = (/** @type {Band[]} */ group) => group.reduce((sum, {lines}) => sum + lines, 0) >= least;
  for (const one of all) {
    if (high(found[found.length - 1])) found.push([]);
    found[found.length - 1].push(one);
  }
  const last = found[found.length - 1];
  if (found.length > 1 && !high(last)) {
    found.pop();
    found[found.length - 1].push(...last);
  }
  return found;
}
