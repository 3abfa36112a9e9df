import {setAside} from "./later.js";
import {inTurn} from "./turns.js";

// Figures wait until they are needed: what is far from the view is neither made nor listens. They are made as the view comes near, as a link,
// a card or an address asks for one, before a page is printed, and, once the reader does anything, in what time the browser has left, so
// that a search in the page finds them.

/** What each waiting drawing starts with, in the order of the page. @type {Map<HTMLElement, () => void>} */
const waiting = new Map();
/** Elements that are watched, and the drawings in them. @type {WeakMap<Element, Set<HTMLElement>>} */
const watched = new WeakMap();
/** @type {IntersectionObserver | undefined} */
let observer;
let used = false, asked = false;
/** What waits for the reader. @type {(() => void)[]} */
const acts = [];

/** @type {(root: HTMLElement) => NodeListOf<HTMLElement>} */
const framesOf = (root) => root.querySelectorAll(".ld-frame");
const USES = ["scroll", "pointerdown", "keydown", "focusin"];
const LATEST = 2000; // milliseconds that a busy browser may put it off

/**
 * Start a drawing once it is needed; until then its heavy parts may be text in the page (`<noscript class="ld-waits">`).
 * @param {HTMLElement} root
 * @param {() => void} start
 * @param {AbortSignal} signal
 */
export function whenNeeded(root, start, signal) {
  observer ??= new IntersectionObserver((entries) => {
    for (const {isIntersecting, target} of entries) if (isIntersecting) inTurn(() => wake(target));
  }, {rootMargin: "200% 0px"}); // further than browsers look ahead with `content-visibility`, so that a figure has its height by then
  const place = root.closest("figure") ?? root; // what is in a figure out of view has no place of its own
  const there = watched.get(place) ?? new Set();
  waiting.set(root, start);
  watched.set(place, there.add(root));
  root.toggleAttribute("data-waits", true);
  // The keyboard reaches a frame that scrolls before there are cells that it reaches.
  for (const frame of framesOf(root)) frame.tabIndex = 0;
  observer.observe(place);
  if (used) soon();
  signal.addEventListener("abort", () => {
    waiting.delete(root);
    there.delete(root);
    if (!there.size) observer?.unobserve(place);
  }, {once: true});
}

/**
 * Start what waits in an element.
 * @param {Node} within
 */
export function wake(within) {
  for (const root of [...waiting.keys()]) if (within.contains(root)) start(root);
}

/** @param {HTMLElement} root */
function start(root) {
  const act = waiting.get(root), place = root.closest("figure") ?? root;
  waiting.delete(root);
  watched.get(place)?.delete(root);
  if (!watched.get(place)?.size) observer?.unobserve(place);
  for (const part of root.querySelectorAll(":scope > .ld-waits")) part.replaceWith(...setAside(part));
  for (const frame of framesOf(root)) frame.removeAttribute("tabindex");
  root.removeAttribute("data-waits");
  act?.();
}

/** One drawing after another, each in a moment in which the browser has nothing else to do. */
function soon() {
  if (asked || !waiting.size) return;
  asked = true;
  const next = () => {
    asked = false;
    const [root] = waiting.keys();
    if (root) start(root);
    soon();
  };
  if ("requestIdleCallback" in window) requestIdleCallback(next, {timeout: LATEST});
  else setTimeout(next, LATEST / 10); // Safari
}

/**
 * Act as soon as the reader does anything.
 * @param {() => void} act
 */
export function onUse(act) {
  if (used) act();
  else acts.push(act);
}

/** Called once for all pages: what the reader does, and printing. */
export function serveWaiting() {
  /** @param {Event} event */
  const use = (event) => {
    if (event.target instanceof Element && event.type === "scroll") return; // a figure that opens at its end
    used = true;
    for (const type of USES) window.removeEventListener(type, use, {capture: true});
    soon();
    for (const act of acts.splice(0)) act();
  };
  for (const type of USES) window.addEventListener(type, use, {capture: true, passive: true});
  window.addEventListener("beforeprint", () => wake(document));
}
