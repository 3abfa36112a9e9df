import {inTurn} from "./turns.js";

/** @type {WeakMap<Element, () => void>} */
const waiting = new WeakMap();
/** @type {IntersectionObserver | undefined} */
let observer;

/**
 * Act once an element is a screen or less from the view: what nobody looks at costs nothing.
 * @param {Element} element
 * @param {() => void} act
 * @param {AbortSignal} signal
 */
export function near(element, act, signal) {
  observer ??= new IntersectionObserver((entries, self) => {
    for (const {isIntersecting, target} of entries) {
      if (!isIntersecting) continue;
      self.unobserve(target);
      inTurn(() => {
        waiting.get(target)?.();
        waiting.delete(target);
      });
    }
  }, {rootMargin: "600px"});
  waiting.set(element, act);
  observer.observe(element);
  // Themes keep elements of pages that were left, and with them what they hold.
  signal.addEventListener("abort", () => {
    observer?.unobserve(element);
    waiting.delete(element);
  }, {once: true});
}
