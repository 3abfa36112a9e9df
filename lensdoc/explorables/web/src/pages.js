/**
 * Do something with the page, and with each that comes by instant navigation: after the theme, which changes pages with scripts of
 * its own and says when one is there. In a page that is opened from a file it says only that none will come.
 * @param {() => void} act
 */
export function onPage(act) {
  const {document$: pages} = /** @type {{document$?: {subscribe(observer: {next(): void, complete(): void}): void}}} */ (/** @type {unknown} */ (window));
  let acted = false;
  function next() {
    acted = true;
    act();
  }
  if (pages) pages.subscribe({next, complete: () => acted || act()});
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", act, {once: true});
  else act();
}
