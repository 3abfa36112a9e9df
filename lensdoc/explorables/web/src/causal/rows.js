import {pins, readout, roving} from "../shared.js";

/**
 * Rows of a table that are read out one by one, of which one is pinned.
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

  /** @param {HTMLElement | null} head */
  const point = (head) => {
    const told = head ?? chosen.pinned();
    say(told ? said[heads.indexOf(told)].replace("): ", `)${chosen.said(told)}: `) : "");
  };
  const chosen = pins(root, heads, (head) => ({part: heads.indexOf(head) + 1}), (head) => {
    rows.forEach((row, i) => row.toggleAttribute("data-chosen", heads[i] === head));
    point(head);
  }, signal);

  rows.forEach((row, i) => {
    row.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && point(heads[i]), {signal});
    row.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && point(null), {signal});
    row.addEventListener("click", () => chosen.toggle(heads[i]), {signal});
    heads[i].addEventListener("focus", () => point(heads[i]), {signal});
    heads[i].addEventListener("blur", () => point(null), {signal});
  });
  root.addEventListener("keydown", (event) => {
    const from = heads.indexOf(/** @type {HTMLElement} */ (event.target));
    /** @type {Record<string, number>} */
    const moves = {ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: rows.length - 1};
    if (from < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return chosen.toggle(heads[from]);
    }
    if (!(event.key in moves)) return;
    event.preventDefault();
    focus(moves[event.key]);
  }, {signal});
  for (const head of heads) head.setAttribute("aria-pressed", "false");
  signal.addEventListener("abort", () => heads.forEach((head) => head.replaceWith(...head.childNodes)));
}
