import {formula} from "./math.js";
import {onPage} from "./pages.js";

// Corrections of what the theme Material makes with its script, for keyboards and screen readers.

/** Once for all pages that come by instant navigation. */
export function mendTheme() {
  const sizes = new ResizeObserver((entries) => entries.forEach(({target}) => reach(wrapOf(target))));
  onPage(() => {
    sizes.disconnect();
    for (const part of document.querySelectorAll(`${WRAP}, ${WRAP} > *`)) sizes.observe(part);
    for (const title of document.querySelectorAll(TITLES)) drawFormulas(title);
    for (const buttons of document.querySelectorAll("nav.md-code__nav")) buttons.role = "none"; // it holds buttons and no links
  });
}

const WRAP = ".md-typeset__scrollwrap";
const TITLES = ".md-nav .md-ellipsis:not(:has(*)), .md-header .md-ellipsis:not(:has(*))";

/** @param {Element} part */
const wrapOf = (part) => /** @type {HTMLElement} */ (part.closest(WRAP));

/**
 * Let the keyboard reach a table that is scrolled sideways.
 * @param {HTMLElement} wrap
 */
function reach(wrap) {
  if (wrap.scrollWidth > wrap.clientWidth) {
    const number = wrap.closest("figure")?.querySelector("figcaption .ld-number")?.textContent;
    Object.assign(wrap, {tabIndex: 0, role: "group", ariaLabel: number?.replace(/\.$/, "") ?? "Table"});
  } else {
    for (const name of ["tabindex", "role", "aria-label"]) wrap.removeAttribute(name);
  }
}

/**
 * Titles are text alone in the theme's navigation: formulas among it are drawn as those of the page.
 * @param {Element} title
 */
function drawFormulas(title) {
  const parts = (title.textContent ?? "").split(/(\\\(.+?\\\))/s);
  if (parts.length === 1) return;
  title.replaceChildren(...parts.map((part, i) => (i % 2 ? formula(part) : part)));
}
