import {onPage} from "./pages.js";
import {samePage} from "./states.js";

/**
 * Leave links and steps of the history within a page to the browser. The theme does not know which page it shows until it has loaded
 * another, and fetches it anew for the first such step: figures would be made again, and grow while the reader is on the way to what the
 * link names.
 */
export function stayWithin() {
  let first = true, left = false;
  onPage(() => {
    const {location$: steps} = /** @type {{location$?: {next(url: URL): void}}} */ (/** @type {unknown} */ (window));
    if (!first || !steps) return;
    first = false;
    left = true;
    const {pathname} = location, {next} = steps;
    steps.next = (url) => {
      if (url.pathname === pathname) return;
      left = false;
      steps.next = next;
      steps.next(url);
    };
  });
  document.addEventListener("click", ({target}) => {
    const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (target).closest?.("a[href*='#']") ?? null);
    if (left && link && !link.target && samePage(link)) link.target = "_self"; // the theme follows links without a target
  }, {capture: true});
}
