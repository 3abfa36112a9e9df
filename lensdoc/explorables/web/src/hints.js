const USES = ["pointerdown", "keydown"];

/**
 * How a figure is used is said in the first of its kind on a page, until one of the kind was used.
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export function followHint(root, signal) {
  const forget = () => root.querySelector(".ld-hint")?.remove();
  if (document.querySelector(root.localName) !== root) return forget();
  const used = new AbortController();
  signal.addEventListener("abort", () => used.abort());
  for (const use of USES) {
    document.addEventListener(use, ({target}) => {
      if (!(target instanceof Element && target.closest(root.localName))) return;
      used.abort();
      forget();
    }, {signal: used.signal});
  }
}
