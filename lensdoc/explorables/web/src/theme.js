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
    const label = document.querySelector(`label${OPENER}`);
    if (label) label.replaceWith(openerFrom(label));
    for (const buttons of document.querySelectorAll("nav.md-code__nav")) buttons.role = "none"; // it holds buttons and no links
  });
  document.addEventListener("change", ({target}) => {
    if (target instanceof HTMLInputElement && target.id === DRAWER) document.querySelector(OPENER)?.setAttribute("aria-expanded", String(target.checked));
  });
  document.addEventListener("keydown", openDrawer, {capture: true}); // before the theme, which has keys of its own for labels
}

const DRAWER = "__drawer", OPENER = `.md-header__button[for="${DRAWER}"]`;

/**
 * What opens the theme's drawer is a label, which no key reaches: a button with what is in it, and with what the theme's style asks for.
 * @param {Element} label
 */
function openerFrom(label) {
  const name = document.querySelector(".md-nav--primary")?.ariaLabel ?? "Navigation";
  const button = Object.assign(document.createElement("button"), {type: "button", className: label.className, ariaExpanded: "false", ariaLabel: name});
  button.setAttribute("for", DRAWER);
  button.append(...label.childNodes);
  button.addEventListener("click", () => document.getElementById(DRAWER)?.click());
  return button;
}

/**
 * Keys of that button; our style sheet hides the drawer from the Tab key while it is closed.
 * @param {KeyboardEvent} event
 */
function openDrawer(event) {
  const {key, target} = event, opener = /** @type {HTMLElement | null} */ (document.querySelector(OPENER));
  const drawer = /** @type {HTMLInputElement | null} */ (document.getElementById(DRAWER));
  if (!opener || !drawer) return;
  if (!(key === "Escape" && drawer.checked) && !(target === opener && (key === "Enter" || key === " "))) return;
  event.preventDefault();
  event.stopPropagation();
  drawer.click();
  const links = drawer.checked ? [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".md-nav--primary .md-nav__link"))] : [];
  (links.find((link) => link.tabIndex >= 0 && link.checkVisibility({visibilityProperty: true})) ?? opener).focus();
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
