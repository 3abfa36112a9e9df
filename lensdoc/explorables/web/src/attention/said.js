import {asPinned, focusIn, pins, readout, roving, within} from "../shared.js";

/**
 * Items that say what they are, to be read by pointer, touch and the arrow keys: rows of a list, tokens of a text.
 * @param {HTMLElement} root
 * @param {unknown} _ what is read stands at the items
 * @param {AbortSignal} signal
 */
export function saidView(root, _, signal) {
  const say = readout(/** @type {HTMLElement} */ (root.querySelector(".ld-live")), signal);
  const lists = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[data-list]")]);
  /** @type {Map<HTMLElement, import("../states.js").State>} */
  const states = new Map();
  for (const list of lists) {
    itemsOf(list).forEach((item, place) => {
      item.setAttribute("role", "option");
      item.setAttribute("aria-label", item.dataset.told ?? "");
      const value = list.matches(".ld-tokens") ? place : item.dataset.at; // a row that stands for several parts has none
      if (value !== undefined) states.set(item, within(list, value));
    });
  }
  /** @param {HTMLElement | null} item */
  const tell = (item) => {
    const told = item?.dataset.told ?? "";
    say(item && item === chosen.pinned() ? asPinned(told) : told);
  };
  const chosen = pins(root, [...states.keys()], (item) => states.get(item) ?? {}, tell, signal);
  for (const list of lists) walkList(list, chosen, tell, signal);
}

/** @param {HTMLElement} list */
const itemsOf = (list) => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[data-told]")]);

/**
 * @param {HTMLElement} list
 * @param {import("../pins.js").Pins} chosen
 * @param {(item: HTMLElement | null) => void} tell
 * @param {AbortSignal} signal
 */
function walkList(list, chosen, tell, signal) {
  const items = itemsOf(list);
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
    tell(item ?? chosen.pinned());
  };
  /** @param {Event} event */
  const at = (event) => /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-told]"));
  const focused = () => /** @type {HTMLElement | null} */ (items.find((item) => item === focusIn(list)) ?? null);

  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", list.dataset.list ?? "");
  list.addEventListener("pointerover", (event) => event.pointerType !== "touch" && point(at(event)), {signal});
  list.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && point(focused()), {signal});
  list.addEventListener("click", (event) => {
    const item = at(event);
    item?.focus();
    if (item) chosen.toggle(item);
  }, {signal});
  list.addEventListener("focusin", (event) => point(at(event)), {signal});
  list.addEventListener("focusout", () => point(null), {signal});
  list.addEventListener("keydown", (event) => {
    const item = at(event);
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = items.indexOf(item);
    /** @type {Record<string, number>} */
    const moves = {ArrowRight: index + 1, ArrowDown: index + 1, ArrowLeft: index - 1, ArrowUp: index - 1, PageDown: index + 10, PageUp: index - 10, Home: 0, End: items.length - 1};
    const pins = event.key === "Enter" || event.key === " ";
    if (!pins && !(event.key in moves)) return;
    event.preventDefault();
    if (pins) chosen.toggle(item);
    else focus(moves[event.key]);
  }, {signal});
}
