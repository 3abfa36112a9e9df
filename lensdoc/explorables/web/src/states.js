/**
 * Links of the page that put the figure into a state, as `<a href="#fig-xml" data-state="factor=3">` does.
 * @param {HTMLElement} root
 * @param {string} name what the figure can be told: `factor`
 * @param {(value: number) => void} put
 * @param {AbortSignal} signal
 */
export function followStates(root, name, put, signal) {
  document.addEventListener("click", (event) => {
    const [asked, value] = stateOf(root, event)?.split("=") ?? [];
    if (asked !== name || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    put(Number(value));
  }, {capture: true, signal});
}

/**
 * @param {HTMLElement} root
 * @param {Event} event
 */
function stateOf(root, event) {
  const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("a[data-state]"));
  return link && link.hash === `#${root.closest("figure")?.id}` ? link.dataset.state : null;
}
