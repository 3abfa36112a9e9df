// What a page carries as text until it is opened: `<noscript class="ld-later">` with disclosures, which pages without scripts show.

/**
 * The disclosures that an element sets aside, made anew; a page that instant navigation brought has them as elements already.
 * @param {Element} later
 * @returns {HTMLDetailsElement[]}
 */
export function disclosures(later) {
  const found = later.firstElementChild ? [.../** @type {Element} */ (later.cloneNode(true)).children] : parsed(later.textContent ?? "");
  return /** @type {HTMLDetailsElement[]} */ (found.filter((part) => part.localName === "details"));
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
