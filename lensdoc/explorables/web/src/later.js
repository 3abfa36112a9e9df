// What a page carries as text until it is opened: `<noscript class="ld-later">` with disclosures, which pages without scripts show.

/**
 * The disclosures that an element sets aside, made anew; a page that instant navigation brought has them as elements already.
 * @param {Element} later
 * @returns {HTMLDetailsElement[]}
 */
export function disclosures(later) {
  const found = later.firstElementChild ? later.cloneNode(true) : new DOMParser().parseFromString(later.textContent ?? "", "text/html");
  return [.../** @type {Element | Document} */ (found).querySelectorAll("details")].map((details) => document.adoptNode(details));
}

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
