// The figure's content once more, as a table that opens on request. lensdoc/explorables/tables.py writes it alike.
import {element} from "./elements.js";

/**
 * A closed `details` with a table; the first cell of a row is its head.
 * @param {string} title
 * @param {string[]} heads
 * @param {string[][]} rows
 */
export function tableDetails(title, heads, rows) {
  const head = element("tr", null, ...heads.map((text) => element("th", {scope: "col"}, text)));
  const table = element("table", {class: "ld-table"}, element("thead", null, head), element("tbody", null, ...rows.map(rowElement)));
  return element("details", {class: "ld-details"}, element("summary", null, title), element("div", {class: "ld-scroll"}, table));
}

/** @param {string[]} cells */
const rowElement = ([first, ...others]) => element("tr", null, element("th", {scope: "row"}, first), ...others.map((cell) => element("td", null, cell)));
