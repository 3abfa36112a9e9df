// One card for the whole page: what a link leads to, shown on hover and focus. The pointer may enter it, Escape closes it.
const OPEN = 150;
const CLOSE = 300;
const EDGE = 8;

/** @type {[string, (link: HTMLAnchorElement) => Node[]][]} */
const kinds = [];
/** @type {HTMLElement | undefined} */
let card;
/** @type {HTMLAnchorElement | undefined} */
let shown;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let touched = false;

/**
 * Show a card for links.
 * @param {string} selector
 * @param {(link: HTMLAnchorElement) => Node[]} contentOf nothing where a link has no card
 */
export function defineCards(selector, contentOf) {
  if (!kinds.length) listen();
  kinds.push([selector, contentOf]);
}

function listen() {
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const target = /** @type {Element} */ (event.target);
    const link = linkAt(target);
    if (link) later(OPEN, () => open(link));
    else if (card?.contains(target)) clearTimeout(timer);
    else later(CLOSE, () => shown !== document.activeElement && close());
  });
  document.addEventListener("focusin", ({target}) => {
    const link = linkAt(/** @type {Element} */ (target));
    if (link?.matches(":focus-visible")) later(0, () => open(link));
    else if (!card?.contains(/** @type {Node} */ (target))) close();
  });
  document.addEventListener("focusout", ({target}) => void (target === shown && later(CLOSE, close)));
  document.addEventListener("keydown", ({key}) => void (key === "Escape" && close()));
  document.addEventListener("pointerdown", ({pointerType}) => void (touched = pointerType !== "mouse"), {capture: true});
  // In the capture phase, before the link is followed: the first tap shows the card, the second one follows the link.
  document.addEventListener("click", (event) => {
    const link = touched && linkAt(/** @type {Element} */ (event.target));
    if (!link || link === shown || !open(link)) return card?.contains(/** @type {Node} */ (event.target)) || close();
    event.preventDefault();
    event.stopPropagation();
  }, {capture: true});
}

/** @param {Element} target */
const linkAt = (target) =>
  /** @type {HTMLAnchorElement | null} */ (target.closest?.(kinds.map(([selector]) => selector).join()) ?? null);

/**
 * @param {number} delay
 * @param {() => void} act
 */
function later(delay, act) {
  clearTimeout(timer);
  timer = setTimeout(act, delay);
}

/**
 * @param {HTMLAnchorElement} link
 * @returns {boolean} whether there is something to show
 */
function open(link) {
  if (link === shown || !link.isConnected) return link === shown;
  close();
  const content = kinds.find(([selector]) => link.matches(selector))?.[1](link) ?? [];
  if (!content.length) return false;
  card ??= Object.assign(document.createElement("div"), {id: "ld-card", className: "ld ld-card", role: "tooltip"});
  card.replaceChildren(...content);
  (document.querySelector(".md-content") ?? document.body).append(card); // instant navigation replaces the page
  link.setAttribute("aria-describedby", card.id);
  shown = link;
  place(card, link.getClientRects()[0] ?? link.getBoundingClientRect());
  return true;
}

function close() {
  clearTimeout(timer);
  shown?.removeAttribute("aria-describedby");
  shown = undefined;
  card?.remove();
}

/**
 * Below the link, or above it where there is more room.
 * @param {HTMLElement} box
 * @param {DOMRect} link
 */
function place(box, link) {
  const below = innerHeight - link.bottom >= Math.min(box.offsetHeight + EDGE, link.top);
  const left = Math.min(link.left, document.documentElement.clientWidth - box.offsetWidth - EDGE);
  const origin = /** @type {Element} */ (box.offsetParent ?? document.documentElement).getBoundingClientRect();
  box.style.left = `${Math.max(EDGE, left) - origin.left}px`;
  box.style.top = `${(below ? link.bottom + 2 : link.top - box.offsetHeight - 2) - origin.top}px`;
}
