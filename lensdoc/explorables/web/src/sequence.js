import {focusIn} from "./focus.js";
import {listFolds} from "./folds.js";
import {followPassages, visitor} from "./passages.js";
import {pins} from "./pins.js";
import {readout} from "./readout.js";
import {roving} from "./roving.js";
import {about, forward, text} from "./words.js";

/**
 * A text whose tokens are read out one by one.
 * @param {HTMLElement} root
 * @param {{ids: number[], probs: Record<number, string>, ranks: Record<number, string>}} data
 * @param {AbortSignal} signal
 */
export function sequenceView(root, data, signal) {
  const tokens = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".ld-token")]);
  const sequence = /** @type {HTMLElement} */ (root.querySelector(".ld-tokens"));
  const say = readout(/** @type {HTMLElement} */ (root.querySelector(".ld-live")), signal);
  const index = new Map(tokens.map((token, i) => [token, i]));
  /** @type {number | null} */
  let current = null;

  /** @param {number | null} position */
  function point(position) {
    if (position === current) return;
    if (current !== null) tokens[current].removeAttribute("data-current");
    if (position !== null) tokens[position].setAttribute("data-current", "");
    current = position;
    tell();
  }

  /** What is pointed at comes before what is pinned. */
  function tell() {
    const kept = chosen.pinned(), position = current ?? (kept && index.get(kept));
    say(position === null || position === undefined ? "" : describe(position));
  }

  /** @param {number} position */
  function describe(position) {
    const name = `${about(tokens[position], position)}, id ${data.ids[position]}${chosen.said(tokens[position])}`;
    return position in data.probs ? `${name}: probability ${data.probs[position]}, rank ${data.ranks[position]}.` : `${name}: given.`;
  }

  /** @param {Event} event */
  const at = (event) => index.get(/** @type {HTMLElement} */ (/** @type {Element} */ (event.target).closest(".ld-token"))) ?? null;

  sequence.setAttribute("role", "listbox");
  sequence.setAttribute("aria-label", "Tokens");
  tokens.forEach((token) => {
    token.setAttribute("role", "option");
    token.setAttribute("aria-label", token.dataset.said ?? text(token));
  });
  listFolds(sequence);
  const chosen = pins(root, tokens, (token) => ({token: index.get(token) ?? -1}), tell, signal);
  sequence.addEventListener("pointerover", (event) => point(at(event)), {signal});
  sequence.addEventListener("click", (event) => {
    const position = at(event);
    if (position !== null) chosen.toggle(tokens[position]);
  }, {signal});
  const focused = () => index.get(/** @type {HTMLElement} */ (focusIn(root))) ?? null;
  sequence.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && point(focused()), {signal});
  const focus = roving(tokens, signal);
  tokens.forEach((token, i) => token.addEventListener("focus", () => point(i), {signal}));
  sequence.addEventListener("focusout", (event) => {
    if (!sequence.contains(/** @type {Node | null} */ (event.relatedTarget))) point(null);
  }, {signal});
  const ahead = forward(sequence);
  /** @type {Record<string, (i: number) => number>} */
  const keys = {
    ArrowRight: (i) => i + ahead,
    ArrowLeft: (i) => i - ahead,
    ArrowDown: (i) => i + 1,
    ArrowUp: (i) => i - 1,
    PageDown: (i) => i + 10,
    PageUp: (i) => i - 10,
    Home: () => 0,
    End: () => tokens.length - 1
  };
  sequence.addEventListener("keydown", (event) => {
    const position = at(event);
    if (position === null || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return chosen.toggle(tokens[position]);
    }
    if (!keys[event.key]) return;
    event.preventDefault();
    focus(keys[event.key](position));
  }, {signal});
  const visit = visitor(tokens);
  followPassages(root, (position) => {
    point(position);
    visit(position);
  }, signal);
  signal.addEventListener("abort", () => point(null));
}
