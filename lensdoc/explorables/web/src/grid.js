import {readout} from "./readout.js";
import {forward, quoted} from "./words.js";

/**
 * A table to walk through: the pointer and the arrow keys read out a cell.
 * @param {HTMLElement} root
 * @param {unknown} _ a grid has all its data in its cells
 * @param {AbortSignal} signal
 */
export function gridView(root, _, signal) {
  const say = readout(/** @type {HTMLElement} */ (root.querySelector(".ld-live")), signal);
  for (const table of /** @type {NodeListOf<HTMLTableElement>} */ (root.querySelectorAll(".ld-grid"))) walk(table, say, signal);
}

/**
 * Let the pointer and the arrow keys read out the cells of a table; a click, a tap, Enter and Space choose one, where there is a choice.
 * @param {HTMLTableElement} table
 * @param {(text: string) => void} say
 * @param {AbortSignal} signal
 * @param {(table: HTMLTableElement, cell: HTMLElement) => string} [describe] a cell in words
 * @param {(cell: HTMLElement) => void} [choose]
 */
export function walk(table, say, signal, describe = ranked, choose) {
  const rows = [...table.tBodies[0].rows].map((row) => /** @type {HTMLElement[]} */ ([...row.querySelectorAll("td")]));
  const cells = rows.flat();
  if (!cells.length) return;
  /** @type {HTMLElement | null} */
  let current = null;
  table.setAttribute("role", "grid");
  cells.forEach((cell, i) => (cell.tabIndex = i ? -1 : 0));

  /** @param {HTMLElement | null} cell */
  const point = (cell) => {
    if (cell === current) return;
    current?.removeAttribute("data-current");
    cell?.setAttribute("data-current", "");
    current = cell;
    say(cell ? describe(table, cell) : "");
  };
  /** @param {Event} event */
  const cellOf = (event) => {
    const cell = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("td"));
    return cell && cells.includes(cell) ? cell : null;
  };
  const focused = () => /** @type {HTMLElement | null} */ (cells.find((cell) => cell === document.activeElement) ?? null);

  table.addEventListener("pointerover", (event) => event.pointerType !== "touch" && point(cellOf(event)), {signal});
  table.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && point(focused()), {signal});
  table.addEventListener("click", (event) => {
    const cell = cellOf(event);
    cell?.focus();
    if (cell) choose?.(cell);
  }, {signal});
  table.addEventListener("focusin", (event) => {
    const cell = cellOf(event);
    cells.forEach((other) => other.tabIndex === 0 && (other.tabIndex = -1));
    if (cell) cell.tabIndex = 0;
    point(cell);
  }, {signal});
  table.addEventListener("focusout", () => point(null), {signal});
  table.addEventListener("keydown", (event) => {
    const cell = cellOf(event);
    if (!cell || event.metaKey || event.altKey) return;
    if (choose && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      return choose(cell);
    }
    const row = rows.findIndex((some) => some.includes(cell));
    const to = target(event, rows, row, rows[row].indexOf(cell));
    if (!to) return;
    event.preventDefault();
    to.focus();
  }, {signal});
  signal.addEventListener("abort", () => point(null));
}

/**
 * Where a key leads (APG: grid).
 * @param {KeyboardEvent} event
 * @param {HTMLElement[][]} rows
 * @param {number} row
 * @param {number} column
 * @returns {HTMLElement | undefined}
 */
function target(event, rows, row, column) {
  const last = rows.length - 1;
  const ahead = forward(rows[row][column].closest("table"));
  /** @type {Record<string, [number, number]>} */
  const moves = {
    ArrowRight: [row, column + ahead],
    ArrowLeft: [row, column - ahead],
    ArrowDown: [row + 1, column],
    ArrowUp: [row - 1, column],
    PageDown: [Math.min(row + 10, last), column],
    PageUp: [Math.max(row - 10, 0), column],
    Home: [event.ctrlKey ? 0 : row, 0],
    End: [event.ctrlKey ? last : row, rows[row].length - 1]
  };
  const to = moves[event.key];
  return to && rows[to[0]]?.[to[1]];
}

/**
 * Where a cell stands, in words: its row and its column.
 * @param {HTMLTableElement} table
 * @param {HTMLElement} cell
 */
export function placed(table, cell) {
  const row = /** @type {HTMLTableRowElement} */ (cell.parentElement);
  const head = /** @type {HTMLElement} */ (table.tHead?.rows[0].cells[/** @type {HTMLTableCellElement} */ (cell).cellIndex]);
  return `${table.tHead?.rows[0].cells[0].textContent} ${row.cells[0].textContent}, ${head.dataset.name}`;
}

/**
 * A cell that holds a rank or a word.
 * @param {HTMLTableElement} table
 * @param {HTMLElement} cell
 */
function ranked(table, cell) {
  const word = /** @type {HTMLElement | null} */ (cell.querySelector(".ld-word"));
  const what = word ? quoted(word) : `rank ${cell.dataset.rank ?? cell.textContent}`;
  return `${placed(table, cell)}: ${what}, probability ${cell.dataset.p}.`;
}
