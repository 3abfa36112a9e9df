// The figures of a live figure, each in a slot of its own: drawn anew from records that were made in the page.
import {loaded, wake} from "../shared.js";

/**
 * A figure of a record that was made in the page.
 * @param {any} model the record of kind live
 * @param {any} record
 * @param {number} target the token that is explained
 * @returns {Promise<HTMLElement>}
 */
export async function drawnOf(model, record, target) {
  const {draw} = await loaded("draw");
  const whole = {facts: {}, ...record, model: model.model, provenance: model.provenance};
  return draw(whole, kindOf(record) === "saliency" ? {token: target} : {});
}

/** @param {any} record */
export const kindOf = (record) => record.format.split("/")[1];

/**
 * @param {HTMLElement} root
 * @param {any} model the record of kind live
 * @param {any[]} records
 * @param {number} target the token that is explained
 * @param {(kind: string, drawn: HTMLElement) => void} mark what is done to a figure before it is shown
 * @param {Map<string, Promise<HTMLElement>>} [early] those of them, by kind, that are drawn already
 * @returns {Promise<() => void>} shows them all at once
 * @throws {Error} one of them cannot be drawn
 */
export async function redrawn(root, model, records, target, mark, early = new Map()) {
  /** @type {{kind: string, made: HTMLElement}[]} */
  const drawn = [];
  for (const record of records) {
    const kind = kindOf(record), known = early.get(kind);
    if (!known) await new Promise((resolve) => setTimeout(resolve)); // keys come first: each figure is drawn in a task of its own
    const made = await (known ?? drawnOf(model, record, target));
    mark(kind, made);
    drawn.push({kind, made});
  }
  return () => drawn.forEach(({kind, made}) => put(root, kind, made));
}

/**
 * @param {HTMLElement} root
 * @param {string} kind
 * @param {string} why there is no figure of this kind
 */
export const leaveOut = (root, kind, why) => put(root, kind, Object.assign(document.createElement("p"), {textContent: why, className: "ld-slot-none"}));

/**
 * A token that had the focus has it again. Figures wait until the browser tells that they are in view, and tokens of one that waits
 * take no focus, so this one does not wait.
 * @param {HTMLElement} root
 * @param {string} kind
 * @param {HTMLElement} made
 */
function put(root, kind, made) {
  const slot = /** @type {HTMLElement} */ (root.querySelector(`:scope > [data-kind="${kind}"]`));
  const tokens = () => /** @type {HTMLElement[]} */ ([...slot.querySelectorAll(".ld-token")]);
  const focused = tokens().indexOf(/** @type {HTMLElement} */ (document.activeElement));
  /** @type {HTMLElement} */ (slot.lastElementChild).replaceWith(made);
  if (focused < 0) return;
  wake(made);
  tokens()[focused]?.focus({preventScroll: true});
}
