import {load} from "./beside.js";
import {followFolds} from "./folds.js";
import {followHint} from "./hints.js";
import {followTools} from "./tools.js";
import {whenNeeded} from "./waiting.js";

/**
 * What an element shows once its data is read.
 * @callback View
 * @param {HTMLElement} root the element with its first state, written at build time
 * @param {any} data what the page carries for it
 * @param {AbortSignal} signal aborts when the element leaves the page; listeners hang on it
 * @returns {void}
 */

/**
 * Define a custom element that takes over the first state it finds in the page.
 * @param {string} name
 * @param {View} view
 */
export function defineLens(name, view) {
  defineElement(name, (root, signal) => whenNeeded(root, () => {
    const template = /** @type {HTMLTemplateElement | null} */ (root.querySelector(".ld-data"));
    followFolds(root, signal);
    followHint(root, signal);
    followTools(root, signal);
    if (!root.querySelector(".ld-live")) return;
    const source = template?.dataset.src;
    if (!source) return view(root, template && JSON.parse(template.content.textContent ?? ""), signal);
    // Heavy data are a script beside the page; where they cannot be loaded the first state stays.
    load(new URL(source, document.baseURI).href, "lensdocData").then((data) => signal.aborted || view(root, JSON.parse(data), signal), () => {});
  }, signal));
}

/**
 * Define a custom element.
 * @param {string} name
 * @param {(root: HTMLElement, signal: AbortSignal) => void} show called when it stands in a page, with its children
 */
export function defineElement(name, show) {
  if (customElements.get(name)) return; // a notebook contains the script once for each output
  customElements.define(name, class extends HTMLElement {
    /** @type {AbortController | undefined} */
    #connection;

    connectedCallback() {
      const connection = (this.#connection = new AbortController());
      // A parser may connect the element before it has read the children.
      if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", () => show(this, connection.signal), {once: true, signal: connection.signal});
      } else {
        show(this, connection.signal);
      }
    }

    disconnectedCallback() {
      this.#connection?.abort();
      this.#connection = undefined; // themes keep pages that were left, and a signal its listeners
    }
  });
}
