import {readout, roving} from "../shared.js";

/**
 * Items that say what they are, to be read by pointer, touch and the arrow keys: rows of a list, tokens of a text.
 * @param {HTMLElement} root
 * @param {unknown} _ what is read stands at the items
 * @param {AbortSignal} signal
 */
export function saidView(root, _, signal) {
  const say = readout(/** @type {HTMLElement} */ (root.querySelector(".ld-live")), signal);
  for (const list of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-list]"))) walkList(list, say, signal);
}

/**
 * @param {HTMLElement} list
 * @param {(text: string) => void} say
 * @param {AbortSignal} signal
 */
function walkList(list, say, signal) {
  const items = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[data-told]")]);
  if (!items.length) return;
  const focus = roving(items, signal);
  /** @type {HTMLElement | null} */
  let current = null;
  /** @param {HTMLElement | null} item */
  const point = (item) => {
    if (item === current) return;
    current?.removeAttribute("data-current");
    item?.setAttribute("data-current", "");
    current = item;
    say(item?.dataset.told ?? "");
  };
  /** @param {Event} event */
  const at = (event) => /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-told]"));
  const focused = () => /** @type {HTMLElement | null} */ (items.find((item) => item === document.activeElement) ?? null);

  for (const item of items) {
    item.setAttribute("role", "option");
    item.setAttribute("aria-label", item.dataset.told ?? "");
  }
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", list.dataset.list ?? "");
  list.addEventListener("pointerover", (event) => event.pointerType !== "touch" && point(at(event)), {signal});
  list.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && point(focused()), {signal});
  list.addEventListener("click", (event) => at(event)?.focus(), {signal});
  list.addEventListener("focusin", (event) => point(at(event)), {signal});
  list.addEventListener("focusout", () => point(null), {signal});
  list.addEventListener("keydown", (event) => {
    const item = at(event);
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = items.indexOf(item);
    /** @type {Record<string, number>} */
    const moves = {ArrowRight: index + 1, ArrowDown: index + 1, ArrowLeft: index - 1, ArrowUp: index - 1, PageDown: index + 10, PageUp: index - 10, Home: 0, End: items.length - 1};
    if (event.key === "Escape") return item.blur();
    if (!(event.key in moves)) return;
    event.preventDefault();
    focus(moves[event.key]);
  }, {signal});
}
