import {followStates, keepState, readout, roving} from "../shared.js";

/**
 * Rows of a table that are read out one by one; a click, a tap, Enter or Space keeps one.
 * @param {HTMLElement} root
 * @param {{said: string[]}} data
 * @param {AbortSignal} signal
 */
export function rowsView(root, {said}, signal) {
  const rows = [.../** @type {HTMLTableElement} */ (root.querySelector(".ld-bars")).tBodies[0].rows];
  const say = readout(/** @type {HTMLElement} */ (root.querySelector(".ld-live")), signal);
  const heads = rows.map((row) => {
    const button = document.createElement("span");
    button.role = "button";
    button.append(...row.cells[0].childNodes);
    row.cells[0].append(button);
    return button;
  });
  const focus = roving(heads, signal);
  let kept = -1;

  /** @param {number} index */
  const point = (index) => say(said[index] ?? "");
  /** @param {number} index */
  function keep(index) {
    kept = index;
    rows.forEach((row, i) => row.toggleAttribute("data-chosen", i === kept));
    heads.forEach((head, i) => head.setAttribute("aria-pressed", String(i === kept)));
    keepState(root, kept < 0 ? null : `part=${kept + 1}`);
    point(kept);
  }

  rows.forEach((row, i) => {
    row.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && point(i), {signal});
    row.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && point(kept), {signal});
    row.addEventListener("click", () => keep(i === kept ? -1 : i), {signal});
    heads[i].addEventListener("focus", () => point(i), {signal});
    heads[i].addEventListener("blur", () => point(kept), {signal});
  });
  root.addEventListener("keydown", (event) => {
    const from = heads.indexOf(/** @type {HTMLElement} */ (event.target));
    /** @type {Record<string, number>} */
    const moves = {ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: rows.length - 1};
    if (from < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return keep(-1);
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return keep(from === kept ? -1 : from);
    }
    if (!(event.key in moves)) return;
    event.preventDefault();
    focus(moves[event.key]);
  }, {signal});
  for (const head of heads) head.setAttribute("aria-pressed", "false");
  followStates(root, {
    name: "part",
    put(number, byLink) {
      if (!rows[number - 1]) return;
      if (byLink) heads[number - 1].focus();
      keep(number - 1);
    },
    rest: () => keep(-1)
  }, signal);
  signal.addEventListener("abort", () => {
    keep(-1);
    heads.forEach((head) => head.replaceWith(...head.childNodes));
  });
}
