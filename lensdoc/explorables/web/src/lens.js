import {followFolds} from "./folds.js";
import {followHint} from "./hints.js";
import {followTools} from "./tools.js";

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
  if (customElements.get(name)) return; // a notebook contains the script once for each output
  customElements.define(name, class extends HTMLElement {
    /** @type {AbortController | undefined} */
    #connection;

    connectedCallback() {
      const connection = (this.#connection = new AbortController());
      // A parser may connect the element before it has read the children.
      if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", () => this.#show(connection.signal), {once: true, signal: connection.signal});
      } else {
        this.#show(connection.signal);
      }
    }

    disconnectedCallback() {
      this.#connection?.abort();
      this.#connection = undefined; // themes keep pages that were left, and a signal its listeners
    }

    /** @param {AbortSignal} signal */
    #show(signal) {
      const template = /** @type {HTMLTemplateElement | null} */ (this.querySelector(".ld-data"));
      followFolds(this, signal);
      followHint(this, signal);
      followTools(this, signal);
      if (this.querySelector(".ld-live")) view(this, template && JSON.parse(template.content.textContent ?? ""), signal);
    }
  });
}
