import {onPage} from "./pages.js";
import {followTurn} from "./turn.js";

const ADDRESS = /^#([^:]+):([A-Za-z]+=\d+)$/;
const OF_FIGURE = /^#([^:]+):/;

/** Complete the links to states and scroll to the figure of the address; called once, also for pages that instant navigation loads. */
export function serveAddresses() {
  onPage(() => {
    for (const link of document.querySelectorAll("a[data-state]")) completeAddress(/** @type {HTMLAnchorElement} */ (link));
    showFigure();
  });
  window.addEventListener("popstate", showFigure);
}

/**
 * Let a link name its state, so that it can be copied and opened elsewhere. Without scripts it leads to the figure.
 * @param {HTMLAnchorElement} link
 */
function completeAddress(link) {
  const address = link.getAttribute("href") ?? "", end = `:${link.dataset.state}`;
  if (!address.endsWith(end)) link.setAttribute("href", address + end);
}

/** Scroll to the figure of the address: browsers look for an element whose id is the whole fragment, with the state. */
function showFigure() {
  const [, id] = OF_FIGURE.exec(decoded(location.hash)) ?? [];
  const figure = id ? document.getElementById(id) : null;
  if (figure?.tagName === "FIGURE") figure.scrollIntoView();
}

/**
 * The id to which a link leads, without a state.
 * @param {HTMLAnchorElement} link
 */
export function targetOf(link) {
  const id = decoded(link.hash).slice(1), state = link.dataset.state;
  return state && id.endsWith(`:${state}`) ? id.slice(0, -state.length - 1) : id;
}

/** @param {HTMLAnchorElement} link */
export const samePage = (link) => link.pathname === location.pathname && link.host === location.host;

/**
 * States that have addresses: `#fig-xml:factor=3` opens the figure in one, on load, with Back, and by links of the page as
 * `<a href="#fig-xml" data-state="factor=3">`.
 * @typedef {object} States
 * @property {string} name what the figure can be told: `factor`
 * @property {number[]} [values] what it can be told of it, for the turn of a figure that opens a page
 * @property {(value: number, byLink: boolean) => void} put what a link leads to gets the focus
 * @property {() => void} rest the address has led elsewhere
 */

/**
 * @param {HTMLElement} root
 * @param {States} states
 * @param {AbortSignal} signal
 */
export function followStates(root, {name, values = [], put, rest}, signal) {
  followTurn(root, values, {put: (value) => put(value, false), rest}, signal);
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
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !samePage(link) || targetOf(link) !== figure.id) return;
    if (!lead(link.dataset.state, true)) return;
    event.preventDefault();
    event.stopPropagation();
    history.pushState(null, "", `#${figure.id}:${link.dataset.state}`);
  }, {capture: true, signal});
  window.addEventListener("popstate", read, {signal});
  read();
}

/**
 * Note the state of a figure, for its address; if the page's address names another state of this figure, it is replaced.
 * @param {HTMLElement} root
 * @param {string | null} state
 * @param {boolean} [atRest] whether the figure shows it without being told
 */
export function keepState(root, state, atRest = !state) {
  if (atRest || !state) delete root.dataset.kept;
  else root.dataset.kept = state;
  const [, id, asked] = ADDRESS.exec(decoded(location.hash)) ?? [];
  const figure = root.isConnected && root.closest("figure");
  if (asked && figure && asked.startsWith(`${figure.querySelector("lens-choice")?.getAttribute("data-name")}=`)) return; // another's
  if (figure && figure.id === id && asked !== state) history.replaceState(history.state, "", addressOf(figure));
}

/**
 * The fragment of a figure in its current state.
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
export function decoded(hash) {
  try {
    return decodeURIComponent(hash);
  } catch {
    return hash;
  }
}
