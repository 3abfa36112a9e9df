// A page for tests of what touches one: happy-dom's, under the names that browsers give.
import {Window} from "happy-dom";

const NAMES = ["document", "location", "history", "getComputedStyle", "requestAnimationFrame", "cancelAnimationFrame", "HTMLElement", "HTMLTemplateElement", "Element", "HTMLDetailsElement", "NodeFilter", "Node", "Text", "CSSStyleSheet"];

/**
 * A page with this body.
 * @param {string} html
 * @param {string} [url]
 */
export function page(html, url = "https://example.org/article/") {
  const window = new Window({url});
  Object.defineProperty(globalThis, "window", {value: window, configurable: true});
  for (const name of NAMES) {
    const value = window[name];
    const bound = typeof value === "function" && /^[a-z]/.test(name) ? value.bind(window) : value;
    Object.defineProperty(globalThis, name, {value: bound, configurable: true, writable: true});
  }
  window.document.body.innerHTML = html;
  return window.document;
}

/** A signal that ends when the test wants it. */
export function connection() {
  const controller = new AbortController();
  return {signal: controller.signal, end: () => controller.abort()};
}

/**
 * @param {EventTarget} target
 * @param {string} key
 * @param {object} [more]
 */
export function press(target, key, more = {}) {
  const event = new window.KeyboardEvent("keydown", {key, bubbles: true, cancelable: true, ...more});
  target.dispatchEvent(event);
  return event;
}

/** Tokens of a text as figures have them, of which those in round brackets come from a template. */
export function tokens(...texts) {
  const spans = texts.map((text) => {
    const folded = /^\((.*)\)$/s.exec(text);
    const token = `<span class="ld-token">${folded ? folded[1] : text}</span>`;
    return folded ? `<span class="ld-fold"><button>mark<span class="ld-sum"></span></button><span class="ld-folded">${token}</span></span>` : token;
  });
  return `<div class="ld-tokens">${spans.join("")}</div>`;
}
