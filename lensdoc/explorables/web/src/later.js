// What a page carries as text until it is opened: `<noscript class="ld-later">` with disclosures, which pages without scripts show.

/**
 * The disclosures that an element sets aside, made anew; a page that instant navigation brought has them as elements already.
 * @param {Element} later
 * @returns {HTMLDetailsElement[]}
 */
export const disclosures = (later) => /** @type {HTMLDetailsElement[]} */ (setAside(later).filter((part) => part.localName === "details"));

/**
 * The elements that a `noscript` holds, made anew.
 * @param {Element} holder
 */
export function setAside(holder) {
  return holder.firstElementChild ? [.../** @type {Element} */ (holder.cloneNode(true)).children] : parsed(holder.textContent ?? "");
}

/**
 * What the site carries as text, written and escaped with the rest of a page.
 * @param {string} text
 */
export const parsed = (text) => [...new DOMParser().parseFromString(text, "text/html").body.children].map((part) => document.adoptNode(part));

/** Paper shows the tables of heatmaps, in which no number is written out; Firefox, Chromium and Safari tell before they print. */
export function servePrint() {
  /** @type {HTMLDetailsElement[]} */
  let made = [];
  window.addEventListener("beforeprint", () => {
    for (const later of document.querySelectorAll("lens-activations > .ld-later")) {
      for (const details of disclosures(later)) {
        details.open = true;
        later.before(details);
        made.push(details);
      }
    }
  });
  window.addEventListener("afterprint", () => {
    for (const details of made) details.remove();
    made = [];
  });
}
