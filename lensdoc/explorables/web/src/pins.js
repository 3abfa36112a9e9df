import {hidden} from "./folds.js";
import {followStates, keepState} from "./states.js";

/** Said of what is pinned, behind its name, in every figure. */
export const PINNED = ", pinned";

/**
 * What is said of a thing once it is pinned; its name ends at the last colon, since what stands before may hold some.
 * @param {string} told
 */
export const asPinned = (told) => told.replace(/: (?!.*: )/s, `${PINNED}: `);

/**
 * What to ask and to tell of the items of a figure, of which one can be pinned.
 * @typedef {{pinned: () => HTMLElement | null, said: (item: HTMLElement | null) => string, toggle: (item: HTMLElement) => void}} Pins
 */

/**
 * Let one of the items of a figure be pinned: by a click, a tap, Enter or Space, which views listen for and hand on to `toggle`, and by
 * links and addresses. The same again, Escape, and an address that leads elsewhere take it back.
 * @param {HTMLElement} root
 * @param {HTMLElement[]} items each with a role
 * @param {(item: HTMLElement) => import("./states.js").State} stateOf
 * @param {(item: HTMLElement | null) => void} show the item that is pinned from now on
 * @param {AbortSignal} signal
 * @returns {Pins}
 */
export function pins(root, items, stateOf, show, signal) {
  /** @type {HTMLElement | null} */
  let pinned = null;

  /** @param {HTMLElement | null} item */
  function pin(item) {
    if (pinned) mark(pinned, false);
    if (item) mark(item, true);
    pinned = item;
    keepState(root, item && stateOf(item));
    show(item);
  }

  const names = [...new Set(items.flatMap((item) => Object.keys(stateOf(item))))];
  followStates(root, {
    names,
    put(state, byLink) {
      const item = items.find((some) => Object.entries(stateOf(some)).every(([name, value]) => state[name] === value));
      if (!item) return false;
      if (hidden(item)) /** @type {HTMLElement} */ (item.closest(".ld-fold")?.firstElementChild)?.click();
      if (byLink) item.focus();
      pin(item);
    },
    rest: () => pin(null)
  }, signal);
  signal.addEventListener("abort", () => pin(null));
  return {
    pinned: () => pinned,
    said: (item) => (item && item === pinned ? PINNED : ""),
    toggle: (item) => items.includes(item) && pin(item === pinned ? null : item)
  };
}

/**
 * Act on a press outside of a figure, its caption and its buttons, and of the steps that lead through it.
 * @param {HTMLElement} root
 * @param {() => void} act
 * @param {AbortSignal} signal
 */
export function onPressElsewhere(root, act, signal) {
  const own = root.closest("lens-steps") ?? root.closest("figure") ?? root;
  document.addEventListener("click", ({target}) => own.contains(/** @type {Node} */ (target)) || act(), {signal});
}

/**
 * @param {HTMLElement} item
 * @param {boolean} on
 */
function mark(item, on) {
  item.toggleAttribute("data-pinned", on);
  item.setAttribute(item.role === "button" ? "aria-pressed" : "aria-selected", String(on));
}

/**
 * The state of an item of a list or of a cell, as the first state tells it: the container has what all have in common, `data-of="text=2"`,
 * and how the item's own value is called, `data-across="token"`.
 * @param {HTMLElement} container
 * @param {number | string | undefined} value
 * @param {import("./states.js").State} [row] what stands between them
 * @returns {import("./states.js").State}
 */
export function within(container, value, row) {
  const [part, number] = container.dataset.of?.split("=") ?? [];
  return {...(part ? {[part]: Number(number)} : {}), ...row, [container.dataset.across ?? ""]: Number(value)};
}
