import shared from "../../shared.json" with {type: "json"};
import {about, begun, word} from "./words.js";
import {label, ranked} from "./scores.js";
import {share} from "./numbers.js";

const {places: PLACES, tokens: AROUND, before: BEFORE, after: AFTER} = shared.passages;

/**
 * The list of places below a long text: each leads there. A short text has none.
 * @param {HTMLElement} root
 * @param {(position: number) => void} go
 * @param {AbortSignal} signal
 */
export function followPassages(root, go, signal) {
  const list = root.querySelector(".ld-passages");
  root.querySelector(".ld-window")?.setAttribute("tabindex", "0"); // so that keys scroll it
  for (const item of list?.querySelectorAll("[data-position]:not(:has(button))") ?? []) item.replaceChildren(button([...item.childNodes]));
  list?.addEventListener("click", (event) => {
    const item = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-position]"));
    if (item) go(Number(item.dataset.position));
  }, {signal});
}

/**
 * List the place of a target and the tokens with the largest scores.
 * @param {HTMLElement} root
 * @param {HTMLElement[]} tokens
 * @param {number[]} scores
 * @param {number} target
 * @param {boolean} signed
 * @param {number} [unscored] how many of the scores are none
 */
export function listPassages(root, tokens, scores, target, signed, unscored = 0) {
  const list = root.querySelector(".ld-passages");
  if (!list) return;
  const order = ranked(scores, PLACES);
  const items = [passage(tokens, target, "explained"), ...order.map((i) => passage(tokens, i, label(scores[i], signed)))];
  const others = scores.length - order.length - unscored;
  if (others && !signed) {
    const sum = (/** @type {number[]} */ values) => values.reduce((a, b) => a + b, 0);
    const left = share(Math.max(0, sum(scores) - sum(order.map((i) => scores[i]))));
    items.push(made("li", "ld-rest", [`The other ${others.toLocaleString("en")} tokens together: ${left}`]));
  }
  list.replaceChildren(...items);
}

/**
 * @param {HTMLElement[]} tokens
 * @param {number} position
 * @param {string} said
 */
function passage(tokens, position, said) {
  const before = [...tokens.slice(Math.max(0, position - AROUND), position).map(begun).join("")].slice(-BEFORE).join("");
  const after = [...tokens.slice(position + 1, position + 1 + AROUND).map(begun).join("")].slice(0, AFTER).join("");
  const words = made("span", "ld-word", [before, made("b", "", [word(tokens[position])]), after]);
  words.dir = "auto";
  const item = made("li", "", [button([made("span", "ld-at", [String(position)]), words, made("span", "ld-said", [said])])]);
  item.dataset.position = String(position);
  return item;
}

/** @param {Node[]} content */
function button(content) {
  const found = /** @type {HTMLButtonElement} */ (made("button", "", content));
  found.type = "button";
  return found;
}

/**
 * @param {string} name
 * @param {string} kind
 * @param {(Node | string)[]} content
 */
function made(name, kind, content) {
  const element = document.createElement(name);
  if (kind) element.className = kind;
  element.append(...content);
  return element;
}

/**
 * Move the window on a long text to a token.
 * @param {HTMLElement} token
 */
export function reveal(token) {
  const frame = /** @type {HTMLElement | null} */ (token.closest(".ld-window"));
  if (!frame) return;
  if (frame.scrollHeight <= frame.clientHeight) return token.scrollIntoView({block: "center", behavior: "instant"});
  // Lines that were never in view have an estimated height (contain-intrinsic-size); laid out, they move what follows.
  let again = 3;
  const step = () => {
    const [own, around] = [token.getBoundingClientRect(), frame.getBoundingClientRect()];
    const off = own.top + own.height / 2 - around.top - around.height / 2;
    if (Math.abs(off) > 1) frame.scrollTo({top: frame.scrollTop + off, behavior: "instant"});
    if (--again) requestAnimationFrame(step);
  };
  step();
}

/**
 * Marks the token to which a place of the list leads, one at a time, and moves the page and the window there; null takes the mark away.
 * @param {HTMLElement[]} tokens
 * @param {(text: string) => void} [say]
 * @returns {(position: number | null) => void}
 */
export function visitor(tokens, say) {
  /** @type {HTMLElement | null} */
  let visited = null;
  return (position) => {
    visited?.removeAttribute("data-visited");
    visited = position === null ? null : tokens[position];
    visited?.setAttribute("data-visited", "");
    if (!visited) return;
    visited.closest(".ld-window")?.scrollIntoView({block: "nearest", behavior: "instant"});
    reveal(visited);
    say?.(`${about(visited, Number(position))} is in view.`);
  };
}
