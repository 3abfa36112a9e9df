import {cellPins, placed, readout, walk, walkPinned} from "../shared.js";

/** @typedef {{chosen: number, words: Record<string, string>, tops: [number, string][][][]}} Data next tokens and their probabilities, by row and column */

/**
 * A map to walk through; where the record knows what the model says with a part exchanged, a cell that is pinned shows it below.
 * @param {HTMLElement} root
 * @param {Data | null} data
 * @param {AbortSignal} signal
 */
export function patchingView(root, data, signal) {
  const table = /** @type {HTMLTableElement} */ (root.querySelector(".ld-grid"));
  const say = readout(/** @type {HTMLElement} */ (root.querySelector(".ld-live")), signal);
  const about = root.hasAttribute("data-estimate") ? "to first order " : "";
  /** @type {import("../grid.js").Describe} */
  const describe = (of, cell, pin) => `${placed(of, cell)}${pin}: ${about}${cell.textContent}% restored.`;
  if (!data) return walkPinned(root, say, signal, describe);

  const cells = /** @type {HTMLElement[]} */ ([...table.tBodies[0].querySelectorAll("td")]);
  const outcomes = /** @type {HTMLTableElement} */ (root.querySelector(".ld-tops table"));
  const width = data.tops[0].length;

  /** @param {number} index */
  function choose(index) {
    cells.forEach((cell, i) => cell.toggleAttribute("data-chosen", i === index));
    if (outcomes.tHead) outcomes.tHead.rows[0].cells[1].textContent = placed(table, cells[index]).replace(/^./, (first) => `With ${first.toLowerCase()}`);
    const told = data?.tops[Math.floor(index / width)][index % width] ?? [];
    [...outcomes.tBodies[0].rows].forEach((row, k) => (row.cells[1].textContent = `${data?.words[told[k][0]]} ${told[k][1]}`));
  }

  const chosen = cellPins(root, [table], (cell) => {
    choose(cell ? cells.indexOf(cell) : data.chosen);
    say(cell ? describe(table, cell, chosen.said(cell)) : "");
  }, signal);
  walk(table, say, signal, describe, chosen);
}
