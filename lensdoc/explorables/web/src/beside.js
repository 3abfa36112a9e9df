// Scripts that lie beside this one, and are loaded when a page first needs them.
const here = /** @type {HTMLScriptElement | null} */ (document.currentScript)?.src;

/** Whether this script has an address: in a notebook it stands in the page. */
export const hasAddress = Boolean(here);

/** @param {string} name */
export const address = (name) => new URL(name, here).href;

/** @type {Map<string, Promise<any>>} */
const loads = new Map();

/**
 * Load a script once, for all pages that come by instant navigation; what failed is tried again.
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
      document.body.append(script); // instant navigation takes out of the head what the next page does not name
    });
    loads.set(name, loading);
    loading.catch(() => loads.delete(name));
  }
  return loading;
}
