const ADDRESS = /^#([^:]+):([A-Za-z]+=\d+)$/;

/**
 * States that have addresses: `#fig-xml:factor=3` opens the figure in one, on load, with Back, and by links of the page as
 * `<a href="#fig-xml" data-state="factor=3">`.
 * @typedef {object} States
 * @property {string} name what the figure can be told: `factor`
 * @property {(value: number, byLink: boolean) => void} put what a link leads to gets the focus
 * @property {() => void} rest the address has led elsewhere
 */

/**
 * @param {HTMLElement} root
 * @param {States} states
 * @param {AbortSignal} signal
 */
export function followStates(root, {name, put, rest}, signal) {
  const figure = root.closest("figure");
  if (!figure?.id) return;
  let led = false;

  /** @param {string | undefined} state @param {boolean} byLink */
  function lead(state, byLink) {
    const [asked, value] = state?.split("=") ?? [];
    if (asked !== name) return false;
    put(Number(value), byLink);
    return (led = true);
  }

  function read() {
    const [, id, state] = ADDRESS.exec(decoded(location.hash)) ?? [];
    if (id === figure?.id && lead(state, false)) figure.scrollIntoView();
    else if (led) {
      led = false;
      rest();
    }
  }

  document.addEventListener("click", (event) => {
    const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("a[data-state]"));
    if (!link || decoded(link.hash) !== `#${figure.id}` || event.ctrlKey || event.metaKey || event.shiftKey || !lead(link.dataset.state, true)) return;
    event.preventDefault();
    event.stopPropagation();
    history.pushState(null, "", `${link.hash}:${link.dataset.state}`);
  }, {capture: true, signal});
  window.addEventListener("popstate", read, {signal});
  read();
}

/**
 * Note the state that a figure keeps, for its address; an address that names another one of it follows.
 * @param {HTMLElement} root
 * @param {string | null} state
 * @param {boolean} [atRest] whether the figure shows it without being told
 */
export function keepState(root, state, atRest = !state) {
  if (atRest || !state) delete root.dataset.kept;
  else root.dataset.kept = state;
  const [, id, asked] = ADDRESS.exec(decoded(location.hash)) ?? [];
  const figure = root.isConnected && root.closest("figure");
  if (figure && figure.id === id && asked !== state) history.replaceState(history.state, "", addressOf(figure));
}

/**
 * The fragment that leads to a figure as it is.
 * @param {HTMLElement} figure
 */
export function addressOf(figure) {
  const kept = /** @type {HTMLElement | null} */ (figure.querySelector("[data-kept]"))?.dataset.kept;
  return `#${figure.id}${kept ? `:${kept}` : ""}`;
}

/**
 * A fragment as it was written: browsers encode letters beyond ASCII.
 * @param {string} hash
 */
function decoded(hash) {
  try {
    return decodeURIComponent(hash);
  } catch {
    return hash;
  }
}
