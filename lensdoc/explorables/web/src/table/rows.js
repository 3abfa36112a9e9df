/**
 * The value of a cell: a number where it has one, nothing where it is missing, else its text.
 * @param {HTMLTableCellElement} cell
 * @returns {number | string | null}
 */
export function valueOf(cell) {
  const exact = cell.dataset.value;
  if (exact === "") return null;
  return exact === undefined ? cell.textContent ?? "" : Number(exact);
}

/**
 * Rows by the values of a column; rows without a value stay last, whatever the direction.
 * @param {HTMLTableRowElement[]} rows
 * @param {number} column
 * @param {boolean} falling
 */
export function order(rows, column, falling) {
  const sign = falling ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [valueOf(a.cells[column]), valueOf(b.cells[column])];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), undefined, {numeric: true}));
  });
}

/**
 * The table as it stands, with exact numbers. Spreadsheets take text that begins with one of = + - @ for a formula, so such
 * text has an apostrophe before it.
 * @param {HTMLTableElement} table
 */
export function csvOf(table) {
  return [...table.rows].map((row) => [...row.cells].map((cell) => field(valueOf(cell))).join(",") + "\r\n").join("");
}

/** @param {number | string | null} value */
function field(value) {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^\s*[=+\-@]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
