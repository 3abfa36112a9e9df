// What stands together is one stop of the Tab key, with the arrow keys between its parts: the works of a list, the heads of a table with the
// links of its caption, the buttons of a choice with those of its, links of a paragraph or of a list, licence and citation at the end.
// Without scripts each is a stop.

const KEYS = "ArrowLeft ArrowRight";
/** What may be gathered; the links of a choice are for paper, those of a panel come as it is opened. */
const PARTS = "a[href]:not(.ld-choice a, .ld-tools a), .ld-choice button, lens-table button, .ld-end button";
/** Pages say of some links that they never are stops. */
const STOP = `:is(${PARTS}):not(a[tabindex='-1'])`;

/** The group of each link that has one; the others of a group are no stops. @type {WeakMap<Element, Element>} */
const groups = new WeakMap();

/** One listener for all pages: links are gathered as the Tab key is pressed, so that loading a page costs nothing. */
export function serveStops() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Tab") gather();
    else if (!event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey) move(event);
  }, {capture: true});
}

/** @param {Element} link */
const groupOf = (link) =>
  link.closest(".ld-end, figure:has(lens-choice, lens-table)") ?? link.closest("ol.ld-works, figure.ld table, figcaption, article table, article :is(ul, ol), article p");

function gather() {
  for (const link of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(STOP))) {
    const group = groups.has(link) ? null : groupOf(link);
    if (!group) continue;
    groups.set(link, group);
    const first = group.querySelector(`[aria-keyshortcuts="${KEYS}"]`);
    if (first) link.tabIndex = -1;
    else if (linksOf(group).length > 1) link.setAttribute("aria-keyshortcuts", KEYS);
  }
}

/**
 * All links of a group, those too that are no stops by themselves.
 * @param {Element} group
 */
const linksOf = (group) => /** @type {HTMLElement[]} */ ([...group.querySelectorAll(PARTS)]).filter((link) => groupOf(link) === group);

/** @param {KeyboardEvent} event */
function move(event) {
  const link = event.target, group = link instanceof HTMLElement && link.matches(PARTS) && groupOf(link);
  if (!group || !KEYS.includes(event.key) || !group.querySelector(`[aria-keyshortcuts="${KEYS}"]`)) return;
  const step = (event.key === "ArrowRight") === (getComputedStyle(group).direction === "ltr") ? 1 : -1;
  const links = linksOf(group), next = links[links.indexOf(link) + step];
  event.preventDefault();
  if (!next) return;
  for (const other of links) {
    other.tabIndex = other === next ? 0 : -1;
    other.removeAttribute("aria-keyshortcuts");
  }
  next.setAttribute("aria-keyshortcuts", KEYS);
  next.focus();
}
