import {stayAt} from "./arrive.js";
import {onPage} from "./pages.js";
import {followTurn} from "./turn.js";
import {uncover} from "./uncover.js";
import {wake} from "./waiting.js";

// States of figures have addresses, `#fig-heads:layer=5,head=3`: they open a figure in one on load, with Back, and by links of the page
// as `<a href="#fig-heads" data-state="layer=5,head=3">`. What a reader pins stands in the address; Escape takes it back.

/** @typedef {Record<string, any>} State names and values: whole numbers, or texts where a figure asks for them */

/**
 * What a figure does with states.
 * @typedef {object} States
 * @property {string[]} names what it can be told; others are left to others in the figure
 * @property {number[]} [values] what it can be told of the first name, for the turn of a figure that opens a page
 * @property {(state: State, byLink: boolean) => boolean | void} put false where it has no such state; what a link leads to gets the focus
 * @property {() => void} rest nothing is pinned
 * @property {boolean} [asText] whether values are texts: what is chosen stays with Escape, unless the focus is on the choice
 */

/** @typedef {States & {root: HTMLElement, led: boolean}} Follower */

const OF_FIGURE = /^#([^:]+):(.*)$/;
const PART = /^([A-Za-z_]\w*)=(.+)$/;

/** Those of all figures that are on the page. @type {Set<Follower>} */
const followers = new Set();

/** What steps of a text have asked of figures, some of which are still to be drawn. @type {WeakMap<Element, string>} */
const stepped = new WeakMap();

/** Follow addresses, links and Escape for all figures; called once, also for pages that instant navigation loads. */
export function serveAddresses() {
  onPage(() => {
    for (const link of document.querySelectorAll("a[data-state]")) completeAddress(/** @type {HTMLAnchorElement} */ (link));
    showTarget();
  });
  window.addEventListener("popstate", () => {
    showTarget();
    for (const follower of followers) read(follower);
  });
  document.addEventListener("click", followLink, {capture: true});
  document.addEventListener("keydown", ({key, target}) => {
    // An open panel below a figure is closed by it first.
    if (key !== "Escape" || /** @type {Element} */ (target).closest?.(".ld-tools:has(.ld-panel)")) return;
    for (const {root, rest, asText} of [...followers]) {
      if (asText ? root.contains(/** @type {Node} */ (target)) : root.dataset.kept || root.matches(":hover, :focus-within")) rest();
    }
  }, {capture: true});
}

/**
 * Let a link name its state, so that it can be copied and opened elsewhere. Without scripts it leads to the figure.
 * @param {HTMLAnchorElement} link
 */
function completeAddress(link) {
  const address = link.getAttribute("href") ?? "", end = `:${link.dataset.state}`;
  if (!address.endsWith(end)) link.setAttribute("href", address + end);
}

/** Uncover what the address names, and scroll to its figure: browsers look for an element whose id is the whole fragment, with the state. */
function showTarget() {
  const hash = decoded(location.hash), [, id] = OF_FIGURE.exec(hash) ?? [];
  const target = document.getElementById(hash.slice(1)) ?? (id ? document.getElementById(id) : null);
  if (target && (uncover(target) || target.tagName === "FIGURE")) target.scrollIntoView();
}

/**
 * A link of the page: what it leads to is uncovered before the browser goes there, and a figure is put into its state.
 * @param {MouseEvent} event
 */
function followLink(event) {
  const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("a[href*='#']"));
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !samePage(link)) return;
  const id = targetOf(link), written = link.dataset.state, target = document.getElementById(id);
  if (target) {
    uncover(target);
    wake(target);
  }
  const asked = [...followers].filter((follower) => written && idOf(follower.root) === id && own(follower, written));
  if (!asked.length) return void (target && stayAt(target, event));
  event.preventDefault();
  event.stopPropagation();
  history.pushState(null, "", `#${id}:${written}`);
  for (const follower of asked) lead(follower, written, true);
  if (target && unseen(target)) target.scrollIntoView(); // what a link leads to may take no focus, as a choice among records
}

/** @param {Element} element */
function unseen(element) {
  const {top, bottom} = element.getBoundingClientRect();
  return bottom < 0 || top > innerHeight;
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
 * @param {HTMLElement} root
 * @param {States} states
 * @param {AbortSignal} signal
 */
export function followStates(root, states, signal) {
  const {names: [first], values = [], put, rest} = states;
  followTurn(root, values, {put: (value) => put({[first]: value}, false), rest}, signal);
  const follower = {...states, root, led: false};
  followers.add(follower);
  signal.addEventListener("abort", () => followers.delete(follower));
  queueMicrotask(() => { // the view is made then
    if (signal.aborted) return;
    read(follower);
    const figure = root.closest("figure"), asked = figure && stepped.get(figure);
    if (asked) showState(figure, asked);
  });
}

/**
 * Put a figure into a state that is not the reader's own, but that of a step of the text; without one it comes to rest.
 * @param {Element} figure
 * @param {string} written
 */
export function showState(figure, written) {
  stepped.set(figure, written);
  for (const follower of followers) {
    if (!figure.contains(follower.root)) continue;
    const state = own(follower, written);
    if (!state || follower.put(state, false) === false) follower.rest();
  }
}

/** @param {HTMLElement} root */
const idOf = (root) => root.closest("figure")?.id;

/**
 * The part of a state that a figure can be told, or null where there is none.
 * @param {Follower} follower
 * @param {string | undefined} written
 * @returns {State | null}
 */
function own({names, asText}, written) {
  const parts = (written ?? "").split(",").map((part) => PART.exec(part));
  if (!parts.every(Boolean)) return null;
  const found = parts.flatMap((part) => (part && names.includes(part[1]) ? [[part[1], asText ? part[2] : Number(part[2])]] : []));
  return found.length ? Object.fromEntries(found) : null;
}

/**
 * @param {Follower} follower
 * @param {string | undefined} written
 * @param {boolean} byLink
 */
function lead(follower, written, byLink) {
  const state = own(follower, written);
  if (!state || follower.put(state, byLink) === false) return false;
  return (follower.led = true);
}

/** @param {Follower} follower */
function read(follower) {
  const [, id, written] = OF_FIGURE.exec(decoded(location.hash)) ?? [];
  if (id && id === idOf(follower.root) && lead(follower, written, false)) {
    uncover(follower.root);
    follower.root.closest("figure")?.scrollIntoView();
  } else if (follower.led) {
    follower.led = false;
    follower.rest();
  }
}

/**
 * Note the state of a figure. What a reader pins stands in the address, so that Back and a copied address lead to it; the address of
 * another figure stays when this one comes to rest, and all addresses do while a figure turns or follows the steps of a text.
 * @param {HTMLElement} root
 * @param {State | null} state
 * @param {boolean} [atRest] whether the figure shows it without being told
 */
export function keepState(root, state, atRest = !state) {
  const kept = atRest || !state ? "" : Object.entries(state).map(([name, value]) => `${name}=${value}`).join();
  if (kept === (root.dataset.kept ?? "")) return;
  if (kept) root.dataset.kept = kept;
  else delete root.dataset.kept;
  const figure = root.isConnected && !root.closest("[data-turning], [data-stepping]") && root.closest("figure");
  if (!figure || !figure.id || figure.querySelector("lens-choice:not([data-ready])")) return; // what the address says of it is not read yet
  const [, id, asked] = OF_FIGURE.exec(decoded(location.hash)) ?? [];
  const address = addressOf(figure);
  if (kept ? decoded(location.hash) !== address : figure.id === id && asked !== undefined) replace(address);
}

/** @param {string} address */
function replace(address) {
  try {
    history.replaceState(history.state, "", address);
  } catch {
    // Browsers limit how often it may be called, and pages in frames may have no address.
  }
}

/**
 * The fragment of a figure in its current state.
 * @param {HTMLElement} figure
 */
export function addressOf(figure) {
  const kept = [.../** @type {NodeListOf<HTMLElement>} */ (figure.querySelectorAll("[data-kept]"))].map(({dataset}) => dataset.kept);
  const state = kept.join();
  return `#${figure.id}${state ? `:${state}` : ""}`;
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
