import {address, hasAddress, load} from "./beside.js";
import {near} from "./near.js";
import {onUse} from "./waiting.js";

// Formulas: the page holds TeX as text; KaTeX is loaded once, from beside this script, as the first formula comes near the view. Where none
// is near it comes for those that will be printed, once the reader does anything or is still there after some seconds.

/** @type {HTMLLinkElement | undefined} */
let style;
let asked = false, served = false;

/** @typedef {(tex: string, into: HTMLElement, options: object) => void} Render */

/** @returns {Promise<{render: Render}>} */
async function katex() {
  style ??= Object.assign(document.createElement("link"), {rel: "stylesheet", href: address(`katex/katex.min.css?${KATEX}`)});
  if (!style.isConnected) document.body.append(style); // not in the head, as `load` says
  const made = await load(`katex/katex.min.js?${KATEX}`, "katex");
  if (!served) servePrint(made.render);
  return made;
}

/** What was written where a formula is drawn now. @type {WeakMap<HTMLElement, string>} */
const sources = new WeakMap();

/** What most formulas are written with. */
const FONTS = ["1em KaTeX_Main", "italic 1em KaTeX_Math", "1em KaTeX_Size1", "1em KaTeX_Size2"];
const SOON = 1000, LATE = 5000; // milliseconds

/** Load KaTeX while the reader reads; called for each formula. */
function soon() {
  if (asked) return;
  asked = true;
  const ask = () => void katex().catch(() => (asked = false));
  onUse(ask);
  setTimeout(ask, LATE);
}

/**
 * On paper every formula is drawn, whether it was near the view or not; its letters are there by then, since printing waits for none.
 * @param {Render} render
 */
function servePrint(render) {
  served = true;
  setTimeout(() => FONTS.map((font) => document.fonts.load(font).catch(() => [])), SOON);
  window.addEventListener("beforeprint", () => {
    const left = document.querySelectorAll("lens-math:not(:has(.katex), .ld-wrong)");
    for (const root of /** @type {NodeListOf<HTMLElement>} */ (left)) write(root, render);
  });
}

/**
 * Draw a formula in the place of its TeX; one that KaTeX cannot read stays, with the reason.
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
async function draw(root, signal) {
  const {render} = await katex();
  if (!signal.aborted && !root.querySelector(".katex")) write(root, render);
}

/**
 * @param {HTMLElement} root
 * @param {Render} render
 */
function write(root, render) {
  const source = root.textContent ?? "";
  const tex = source.trim().slice(2, -2).trim();
  const displayMode = source.trim().startsWith("\\[");
  const drawn = document.createElement("span");
  try {
    render(tex, drawn, {displayMode, strict: "ignore", maxSize: 50});
    root.replaceChildren(...drawn.childNodes);
    sources.set(root, source);
    // A formula wider than the screen is scrolled, with the keyboard too.
    if (displayMode && root.scrollWidth > root.clientWidth) Object.assign(root, {tabIndex: 0, role: "group", ariaLabel: "Formula"});
  } catch (error) {
    root.classList.add("ld-wrong");
    root.textContent = `${source.trim()} (${/** @type {Error} */ (error).message})`;
  }
}

export class Formula extends HTMLElement {
  /** @type {AbortController | undefined} */
  #connection;

  connectedCallback() {
    // Without an address, in a notebook, the TeX stays.
    if (!hasAddress || this.querySelector(".katex")) return;
    this.#connection = new AbortController();
    const {signal} = this.#connection;
    near(this, () => draw(this, signal), signal);
    soon();
  }

  disconnectedCallback() {
    this.#connection?.abort();
    this.#connection = undefined;
    // Themes keep pages that were left; the source is one node, and is drawn again should it come back.
    if (sources.has(this)) this.textContent = sources.get(this) ?? "";
  }
}

/** @param {string} textContent TeX between its marks, `\(...\)` or `\[...\]` */
export const formula = (textContent) => Object.assign(document.createElement("lens-math"), {textContent});
