// Links that stand together are one stop of the Tab key, with the arrow keys between them: the works of a list, the links of a table or of a
// caption, the works that are cited in one place, the values of a paragraph. Without scripts each link is a stop.

const KEYS = "ArrowLeft ArrowRight";
/** Links that never are stops: pages say so. */
const STOP = "a[href]:not([tabindex='-1'])";

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
  link.closest("ol.ld-works, figure.ld table, figcaption, .ld-citation") ?? (link.matches(".ld-value") ? link.closest("p, li, dd") : null);

function gather() {
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(STOP))) {
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
const linksOf = (group) => /** @type {HTMLAnchorElement[]} */ ([...group.querySelectorAll("a[href]")]).filter((link) => groupOf(link) === group);

/** @param {KeyboardEvent} event */
function move(event) {
  const link = event.target, group = link instanceof HTMLAnchorElement && groupOf(link);
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
