/**
 * Marks behind which the tokens of a chat template are folded: each opens and closes what is behind it.
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export function followFolds(root, signal) {
  for (const mark of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".ld-fold > button"))) {
    const fold = /** @type {HTMLElement} */ (mark.parentElement);
    mark.addEventListener("click", () => say(mark, fold.toggleAttribute("data-open")), {signal});
  }
}

/**
 * @param {HTMLElement} mark in a list of options it is one, and these have no state of this name
 * @param {boolean} open
 */
function say(mark, open) {
  if (mark.getAttribute("role") === "option") mark.setAttribute("aria-label", `${mark.textContent}, ${open ? "open" : "folded"}`);
  else mark.setAttribute("aria-expanded", String(open));
}

/**
 * Marks become options of a list of tokens.
 * @param {HTMLElement} root
 */
export function listFolds(root) {
  for (const mark of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".ld-fold > button"))) {
    mark.setAttribute("role", "option");
    mark.removeAttribute("aria-expanded");
    say(mark, /** @type {HTMLElement} */ (mark.parentElement).hasAttribute("data-open"));
  }
}

/**
 * Whether a token comes from a template.
 * @param {HTMLElement} token
 */
export const ofTemplate = (token) => token.closest(".ld-fold") !== null;

/**
 * Whether a token is folded away.
 * @param {HTMLElement} token
 */
export const hidden = (token) => token.closest(".ld-fold:not([data-open])") !== null;

/**
 * How many template tokens, in words.
 * @param {number} count
 */
export const counted = (count) => `${count} template token${count === 1 ? "" : "s"}`;
