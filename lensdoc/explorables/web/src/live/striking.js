// Striking tokens out: by a click on a token of the text, or by the Delete key on a token that has the focus; and what is said of it.
import {digits, quoted, share} from "../shared.js";

/** Kinds whose tokens stand in the order of their positions. */
const TEXTS = ["sequence", "saliency", "factors"];

/**
 * @param {HTMLElement} root
 * @param {(struck: number[]) => void} ask for the text with these tokens struck out, the last one last
 * @param {AbortSignal} signal
 */
export function striking(root, ask, signal) {
  /** @type {number[]} positions that are struck out in the figures */
  let struck = [];

  /** @param {Event} event */
  function positionOf(event) {
    const token = /** @type {Element} */ (event.target).closest(".ld-token"), slot = /** @type {HTMLElement | null} */ (token?.closest(".ld-slot"));
    if (!token || !slot || !root.hasAttribute("data-computed") || !TEXTS.includes(slot.dataset.kind ?? "")) return undefined;
    const position = [...slot.querySelectorAll(".ld-token")].indexOf(token);
    return {position, kind: slot.dataset.kind};
  }

  /** @param {number} position */
  const toggle = (position) => ask(struck.includes(position) ? struck.filter((p) => p !== position) : [...struck, position]);

  root.addEventListener("click", (event) => {
    const at = positionOf(event);
    if (at?.kind !== "sequence") return; // a click on a token of other figures chooses it there
    event.stopPropagation();
    toggle(at.position);
  }, {capture: true, signal});
  root.addEventListener("keydown", (event) => {
    if (!["Delete", "Backspace"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = positionOf(event);
    if (!at) return;
    event.preventDefault();
    event.stopPropagation();
    toggle(at.position);
  }, {capture: true, signal});

  return {
    struck: () => struck,
    back: () => ask(struck.slice(0, -1)),
    /** @param {number[]} positions */
    put: (positions) => void (struck = positions),
    /**
     * Show in a drawn figure which tokens are struck out.
     * @param {string} kind
     * @param {HTMLElement} drawn
     */
    mark(kind, drawn) {
      if (!TEXTS.includes(kind)) return;
      const tokens = /** @type {NodeListOf<HTMLElement>} */ (drawn.querySelectorAll(".ld-token"));
      for (const position of struck) {
        tokens[position].dataset.said = `${quoted(tokens[position])} (struck out)`;
        tokens[position].dataset.struck = "";
      }
    }
  };
}

/**
 * What changed, in words.
 * @param {{tokens: import("./texts.js").Token[], struck: number[], target: number, changes: {position: number, before: number, after: number}[], would: any}} told
 */
export function described({tokens, struck, target, changes, would}) {
  if (!struck.length) return "No token is struck out.";
  const named = (/** @type {number} */ p) => `‘${tokens[p].text}’ (token ${p})`;
  const size = (/** @type {{before: number, after: number}} */ {before, after}) => Math.abs(Math.log(after / before));
  const chosen = changes.find(({position}) => position === target);
  const most = changes.reduce((a, b) => (size(b) > size(a) ? b : a));
  const moved = (/** @type {typeof most} */ {before, after}) => {
    const [from, to] = [share(before), share(after)];
    return from === to ? `stays at ${to}` : `goes from ${from} to ${to}`;
  };
  const parts = [`Without ${struck.map(named).join(", ")}:`];
  if (chosen) {
    const change = Math.log(chosen.after / chosen.before);
    parts.push(`${named(target)} ${moved(chosen)}, its log-probability by ${change > 0 ? "+" : ""}${digits(change)};`);
    parts.push(would.id === tokens[target].id ? "it stays the most probable there." : `the model would write ‘${would.text}’ there (${share(would.prob)}).`);
  }
  if (most.position !== target && size(most) > 0) parts.push(`The largest change: ${named(most.position)} ${moved(most)}.`);
  return parts.join(" ");
}
