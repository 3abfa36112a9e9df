import {focusIn} from "./focus.js";
import {FRAME, markerIn} from "./marker.js";
import {pins, within} from "./pins.js";
import {readout} from "./readout.js";
import {forward, quoted} from "./words.js";

/**
 * Tables to walk through: the pointer and the arrow keys read out a cell, and one is pinned.
 * @param {HTMLElement} root
 * @param {unknown} _ a grid has all its data in its cells
 * @param {AbortSignal} signal
 */
export function gridView(root, _, signal) {
  const say = readout(/** @type {HTMLElement} */ (root.querySelector(".ld-live")), signal);
  walkPinned(root, say, signal, ranked);
}

/**
 * A cell in words; `pin` is what is said of one that is pinned.
 * @callback Describe
 * @param {HTMLTableElement} table
 * @param {HTMLElement} cell
 * @param {string} pin
 * @returns {string}
 */

/**
 * Let the cells of all tables of a figure be read, and one of them be pinned.
 * @param {HTMLElement} root
 * @param {(text: string) => void} say
 * @param {AbortSignal} signal
 * @param {Describe} describe
 */
export function walkPinned(root, say, signal, describe) {
  const tables = /** @type {HTMLTableElement[]} */ ([...root.querySelectorAll(".ld-grid")]);
  const chosen = cellPins(root, tables, (cell) => say(cell ? describe(tableOf(cell), cell, chosen.said(cell)) : ""), signal);
  for (const table of tables) walk(table, say, signal, describe, chosen);
}

/** @param {HTMLElement} cell */
const tableOf = (cell) => /** @type {HTMLTableElement} */ (cell.closest("table"));

/**
 * Cells of which one can be pinned; their states tell the row, which is a layer, and the column.
 * @param {HTMLElement} root
 * @param {HTMLTableElement[]} tables
 * @param {(cell: HTMLElement | null) => void} show
 * @param {AbortSignal} signal
 */
export function cellPins(root, tables, show, signal) {
  const cells = tables.flatMap((table) => /** @type {HTMLElement[]} */ ([...table.tBodies[0].querySelectorAll("td")]));
  return pins(root, cells, (cell) => {
    const table = tableOf(cell), row = /** @type {HTMLTableRowElement} */ (cell.parentElement);
    return within(table, headOf(table, cell).dataset.at, {layer: Number(row.cells[0].textContent)});
  }, show, signal);
}

/**
 * Let the pointer and the arrow keys read out the cells of a table; a click, a tap, Enter and Space choose one.
 * @param {HTMLTableElement} table
 * @param {(text: string) => void} say
 * @param {AbortSignal} signal
 * @param {Describe} describe
 * @param {import("./pins.js").Pins} chosen
 */
export function walk(table, say, signal, describe, chosen) {
  const rows = [...table.tBodies[0].rows].map((row) => /** @type {HTMLElement[]} */ ([...row.querySelectorAll("td")]));
  const cells = rows.flat();
  if (!cells.length) return;
  /** @type {HTMLElement | null} */
  let current = null;
  const mark = markerIn(table, signal);
  table.setAttribute("role", "grid");
  cells.forEach((cell, i) => (cell.tabIndex = i ? -1 : 0));

  /** What has the focus while the mark is elsewhere; it has a frame of its own. @type {HTMLElement | null} */
  let apart = null;
  const focused = () => {
    const own = /** @type {HTMLElement} */ (focusIn(table));
    return cells.includes(own) ? own : null;
  };

  /** @param {HTMLElement | null} cell */
  const point = (cell) => {
    const own = focused();
    if (apart) apart.style.outline = "";
    apart = own !== cell && own?.matches(":focus-visible") ? own : null;
    if (apart) apart.style.outline = FRAME;
    if (cell === current) return;
    mark(cell);
    current = cell;
    const told = cell ?? chosen.pinned();
    say(told ? describe(tableOf(told), told, chosen.said(told)) : "");
  };
  /** @param {Event} event */
  const cellOf = (event) => {
    const cell = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("td"));
    return cell && cells.includes(cell) ? cell : null;
  };
  table.addEventListener("pointerover", (event) => event.pointerType !== "touch" && point(cellOf(event)), {signal});
  table.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && point(focused()), {signal});
  table.addEventListener("click", (event) => {
    const cell = cellOf(event);
    cell?.focus();
    if (cell) chosen.toggle(cell);
  }, {signal});
  table.addEventListener("focusin", (event) => {
    const cell = cellOf(event);
    cells.forEach((other) => other.tabIndex === 0 && (other.tabIndex = -1));
    if (cell) cell.tabIndex = 0;
    point(cell);
  }, {signal});
  table.addEventListener("focusout", ({relatedTarget}) => table.contains(/** @type {Node | null} */ (relatedTarget)) || point(null), {signal}); // from cell to cell the frame only moves
  table.addEventListener("keydown", (event) => {
    const cell = cellOf(event);
    if (!cell || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return chosen.toggle(cell);
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
  return `${table.tHead?.rows[0].cells[0].textContent} ${row.cells[0].textContent}, ${headOf(table, cell).dataset.name}`;
}

/**
 * @param {HTMLTableElement} table
 * @param {HTMLElement} cell
 */
function headOf(table, cell) {
  return /** @type {HTMLElement} */ (table.tHead?.rows[0].cells[/** @type {HTMLTableCellElement} */ (cell).cellIndex]);
}

/**
 * A cell that holds a rank or a word.
 * @type {Describe}
 */
function ranked(table, cell, pin) {
  const word = /** @type {HTMLElement | null} */ (cell.querySelector(".ld-word"));
  const what = word ? quoted(word) : `rank ${cell.dataset.rank ?? cell.textContent}`;
  return `${placed(table, cell)}${pin}: ${what}, probability ${cell.dataset.p}.`;
}
