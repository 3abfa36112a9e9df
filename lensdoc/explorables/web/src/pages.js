/**
 * Call a function for the page and for each page that instant navigation loads, after the theme has changed it: the theme's
 * observable `document$` emits then. In a page opened from a file it completes without emitting.
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
