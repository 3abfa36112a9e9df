// Formulas: the page holds TeX as text; KaTeX is loaded once, from beside this script, by the first formula.
const here = /** @type {HTMLScriptElement | null} */ (document.currentScript)?.src;
/** @type {Promise<any> | undefined} */
let loaded;

/** @returns {Promise<{render: (tex: string, into: HTMLElement, options: object) => void}>} */
function katex() {
  return (loaded ??= new Promise((resolve, reject) => {
    const style = Object.assign(document.createElement("link"), {rel: "stylesheet", href: address("css")});
    const script = Object.assign(document.createElement("script"), {src: address("js"), onerror: reject});
    script.onload = () => resolve(/** @type {any} */ (window).katex);
    document.body.append(style, script); // instant navigation takes out of the head what the next page does not name
  }));
}

/** @param {string} kind */
const address = (kind) => new URL(`katex/katex.min.${kind}?${KATEX}`, here).href;

/**
 * Draw a formula in the place of its TeX; one that KaTeX cannot read stays, with the reason.
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
async function draw(root, signal) {
  const source = root.textContent ?? "";
  const tex = source.trim().slice(2, -2).trim();
  const displayMode = source.trim().startsWith("\\[");
  const {render} = await katex();
  if (signal.aborted) return;
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
    if (!here || this.querySelector(".katex")) return;
    this.#connection = new AbortController();
    const {signal} = this.#connection;
    if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", () => draw(this, signal), {once: true, signal});
    } else {
      draw(this, signal);
    }
  }

  disconnectedCallback() {
    this.#connection?.abort();
  }
}

/** @param {string} textContent TeX between its marks, `\(...\)` or `\[...\]` */
export const formula = (textContent) => Object.assign(document.createElement("lens-math"), {textContent});
