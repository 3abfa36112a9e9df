/**
 * Do something with the page, and with each that comes by instant navigation: after the theme, which changes pages with scripts of
 * its own and says when one is there.
 * @param {() => void} act
 */
export function onPage(act) {
  const {document$: pages} = /** @type {{document$?: {subscribe(act: () => void): void}}} */ (/** @type {unknown} */ (window));
  if (pages) pages.subscribe(act);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", act, {once: true});
  else act();
}
