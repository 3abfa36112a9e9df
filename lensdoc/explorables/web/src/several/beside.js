// Figures side by side: what the pointer or the focus is on in one of them is marked in the others.

/** What figures are read by: tokens, lines of factors, parts, cells, rows. */
const PARTS = ".ld-token, .ld-row, .ld-step, .ld-grid td, .ld-bars tbody tr";

/**
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export function besideView(root, signal) {
  const figures = [...root.querySelectorAll(":scope > figure")];
  /** @type {Element[]} */
  let marked = [];

  /** @param {Event | null} event */
  function mark(event) {
    for (const part of marked) part.removeAttribute("data-linked");
    const part = event && /** @type {Element} */ (event.target).closest(PARTS);
    const own = part?.closest("figure");
    marked = part && own ? figures.filter((figure) => figure !== own).flatMap((figure) => counterpart(part, own, figure) ?? []) : [];
    for (const other of marked) other.setAttribute("data-linked", "");
  }

  for (const type of ["pointerover", "focusin"]) root.addEventListener(type, mark, {signal});
  for (const type of ["pointerleave", "focusout"]) root.addEventListener(type, () => mark(null), {signal});
  signal.addEventListener("abort", () => mark(null));
}

/**
 * What stands at the same place in another figure.
 * @param {Element} part
 * @param {Element} own
 * @param {Element} other
 * @returns {Element | undefined}
 */
function counterpart(part, own, other) {
  if (part instanceof HTMLTableCellElement) {
    const table = /** @type {HTMLTableElement} */ (part.closest("table")), row = /** @type {HTMLTableRowElement} */ (part.parentElement);
    const tables = /** @type {NodeListOf<HTMLTableElement>} */ (other.querySelectorAll(".ld-grid"));
    return tables[[...own.querySelectorAll(".ld-grid")].indexOf(table)]?.rows[row.rowIndex]?.cells[part.cellIndex];
  }
  const kind = part.tagName === "TR" ? ".ld-bars tbody tr" : `.${part.classList[0]}`;
  return other.querySelectorAll(kind)[[...own.querySelectorAll(kind)].indexOf(part)];
}
