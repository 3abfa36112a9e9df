// Scripts in the folder of this one that are loaded only when a page needs them.
const here = /** @type {HTMLScriptElement | null} */ (document.currentScript)?.src;

/** Whether this script was loaded from an address; in a notebook it is inline, and has no folder. */
export const hasAddress = Boolean(here);

/** @param {string} name */
export const address = (name) => new URL(name, here).href;

/** @type {Map<string, Promise<any>>} */
const loads = new Map();

/**
 * Load a script once, also across pages that instant navigation replaces; after a failure the next call tries again.
 * @param {string} name of its file, with a query that changes with it
 * @param {string} key under which it puts what it has into the window
 * @returns {Promise<any>}
 */
export function load(name, key) {
  let loading = loads.get(name);
  if (!loading) {
    loading = new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), {src: address(name), onerror: reject});
      script.onload = () => resolve(/** @type {any} */ (window)[key]);
      document.body.append(script); // instant navigation removes from the head what the next page does not list
    });
    loads.set(name, loading);
    loading.catch(() => loads.delete(name));
  }
  return loading;
}
