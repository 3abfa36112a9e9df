import {address, hasAddress, load} from "./beside.js";
import {near} from "./near.js";

// Formulas: the page holds TeX as text; KaTeX is loaded once, from beside this script, by the first formula.

/** @type {HTMLLinkElement | undefined} */
let style;

/** @returns {Promise<{render: (tex: string, into: HTMLElement, options: object) => void}>} */
function katex() {
  style ??= Object.assign(document.createElement("link"), {rel: "stylesheet", href: address(`katex/katex.min.css?${KATEX}`)});
  if (!style.isConnected) document.body.append(style); // not in the head, as `load` says
  return load(`katex/katex.min.js?${KATEX}`, "katex");
}

/** @type {Promise<void> | undefined} */
let ready;

/** On paper every formula is drawn: what draws them is loaded once the page is at rest, since printing does not wait. */
const idle = () => ready ??= new Promise((resolve) => {
  const rest = window.requestIdleCallback ?? setTimeout;
  const start = () => rest(() => katex().then(({render}) => {
    window.addEventListener("beforeprint", () => {
      for (const root of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("lens-math:not(:has(.katex), .ld-wrong)"))) write(root, render);
    });
    resolve();
  }, () => resolve()));
  if (document.readyState === "complete") start();
  else window.addEventListener("load", start, {once: true});
});

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
 * @param {Awaited<ReturnType<typeof katex>>["render"]} render
 */
function write(root, render) {
  const source = root.textContent ?? "";
  const tex = source.trim().slice(2, -2).trim();
  const displayMode = source.trim().startsWith("\\[");
  const drawn = document.createElement("span");
  try {
    render(tex, drawn, {displayMode, strict: "ignore", maxSize: 50});
    root.replaceChildren(...drawn.childNodes);
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
    // Without an address, in a notebook, the TeX stays; what is drawn, and comes back, is kept.
    if (!hasAddress || this.querySelector(".katex")) return;
    this.#connection = new AbortController();
    const {signal} = this.#connection;
    near(this, () => draw(this, signal), signal);
    void idle();
  }

  disconnectedCallback() {
    this.#connection?.abort();
  }
}

/** @param {string} textContent TeX between its marks, `\(...\)` or `\[...\]` */
export const formula = (textContent) => Object.assign(document.createElement("lens-math"), {textContent});
