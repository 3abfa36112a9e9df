import {csvOf, order} from "./rows.js";

const SAID = 3000;

/**
 * A table whose heads are buttons that sort its rows, and which can be saved as it stands.
 * @param {HTMLElement} root
 * @param {unknown} _data
 * @param {AbortSignal} signal
 */
export function tableView(root, _data, signal) {
  const table = /** @type {HTMLTableElement} */ (root.querySelector("table"));
  const body = table.tBodies[0];
  const first = [...body.rows];
  const heads = /** @type {HTMLTableCellElement[]} */ ([...(table.tHead?.rows[0].cells ?? [])]);
  const live = /** @type {HTMLElement} */ (root.querySelector(".ld-live"));

  /** @param {number} column */
  function sort(column) {
    const before = heads[column].ariaSort;
    const next = before === "ascending" ? "descending" : before === "descending" ? null : "ascending";
    for (const head of heads) head.removeAttribute("aria-sort");
    if (next) heads[column].setAttribute("aria-sort", next);
    body.append(...(next ? order(first, column, next === "descending") : first));
    live.textContent = next ? `Sorted by ${heads[column].innerText.trim()}, ${next}.` : "In the order of the page.";
  }

  for (const [column, head] of heads.entries()) {
    const button = Object.assign(document.createElement("button"), {type: "button", className: "ld-sort"});
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(column), {signal});
  }
  const save = Object.assign(document.createElement("button"), {type: "button", className: "ld-save", textContent: "Save as CSV"});
  save.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csvOf(table)], {type: "text/csv"}));
    link.download = `${root.dataset.name}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), SAID);
    live.textContent = "Saved.";
  }, {signal});
  root.append(save);
  signal.addEventListener("abort", () => {
    for (const head of heads) head.firstElementChild?.replaceWith(...head.firstElementChild.childNodes);
    for (const head of heads) head.removeAttribute("aria-sort");
    body.append(...first);
    save.remove();
  });
}
