import {placed, readout, walkPinned} from "../shared.js";

/**
 * A matrix to walk through; a cell is read to three decimals.
 * @param {HTMLElement} root
 * @param {unknown} _ a cell has its value
 * @param {AbortSignal} signal
 */
export function similarityView(root, _, signal) {
  const say = readout(/** @type {HTMLElement} */ (root.querySelector(".ld-live")), signal);
  walkPinned(root, say, signal, (of, cell, pin) => `${placed(of, cell)}${pin}: ${cell.dataset.said}.`);
}
