import {hasAddress, load} from "./beside.js";
import {whenNeeded} from "./waiting.js";

// Families of kinds whose views are in scripts of their own, which load when an element of such a kind is on a page. A family's script
// takes what it shares with this one from `window.lensdoc.shared`, and hands over its views by `join`.

/** @typedef {Record<string, any>} Views */

/** @type {Map<string, {views: Promise<Views>, resolve: (views: Views) => void}>} */
const waiting = new Map();

/** @param {string} family */
function familyOf(family) {
  let found = waiting.get(family);
  if (!found) {
    /** @type {(views: Views) => void} */
    let resolve = () => {};
    const views = new Promise((/** @type {(views: Views) => void} */ settle) => (resolve = settle));
    waiting.set(family, found = {views, resolve});
  }
  return found;
}

/**
 * Called by the script of a family.
 * @param {string} family
 * @param {Views} views by the names of the elements
 */
export const join = (family, views) => familyOf(family).resolve(views);

/**
 * What the script of a family hands over, which is loaded now; in a notebook this script is inline, and that of the family stands inline
 * behind it. A script that cannot be loaded fails the promise.
 * @param {string} family
 * @returns {Promise<any>}
 */
export async function loaded(family) {
  if (hasAddress) await load(`${family}.js?${FAMILIES[family]}`, "lensdoc");
  return familyOf(family).views;
}

/**
 * A view that is in the script of a family. Until that is there, and where it cannot be loaded, the first state stays.
 * @param {string} family
 * @param {string} name
 * @returns {import("./lens.js").View}
 */
export const viewOf = (family, name) => (root, data, signal) => {
  loaded(family).then((views) => signal.aborted || views[name](root, data, signal), () => {});
};

/**
 * Define an element that is not a figure and whose view is in the script of a family, which has one view; without it the element stays
 * as it is written.
 * @param {string} name
 * @param {string} family
 * @param {string} view
 * @param {boolean} waits whether its first state may wait, and the script with it, until the view comes near
 */
export function defineLater(name, family, view, waits = false) {
  if (customElements.get(name)) return;
  customElements.define(name, class extends HTMLElement {
    /** @type {AbortController | undefined} */
    #connection;

    connectedCallback() {
      const {signal} = (this.#connection = new AbortController());
      const show = () => void loaded(family).then((views) => signal.aborted || views[view](this, signal), () => {});
      if (waits) whenNeeded(this, show, signal);
      else show();
    }

    disconnectedCallback() {
      this.#connection?.abort();
      this.#connection = undefined; // as in `defineElement`
    }
  });
}

/**
 * The view of a kind from an installed package, whose script the page names beside this one.
 * @type {import("./lens.js").View}
 */
export const ownView = (root, data, signal) => {
  const {script, kind = ""} = root.dataset;
  if (hasAddress && script) load(script, "lensdoc").catch(() => {});
  void familyOf(kind).views.then((views) => signal.aborted || views[kind](root, data, signal));
};
