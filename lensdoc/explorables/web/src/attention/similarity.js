import {placed, readout, walk} from "../shared.js";

/**
 * A matrix to walk through; a cell is read to three decimals.
 * @param {HTMLElement} root
 * @param {unknown} _ a cell has its value
 * @param {AbortSignal} signal
 */
export function similarityView(root, _, signal) {
  const say = readout(/** @type {HTMLElement} */ (root.querySelector(".ld-live")), signal);
  const table = /** @type {HTMLTableElement} */ (root.querySelector(".ld-grid"));
  walk(table, say, signal, (of, cell) => `${placed(of, cell)}: ${cell.dataset.said}.`);
}
