/**
 * Open what hides an element: closed disclosures, and tabs that are not the chosen one. A link or an address leads there.
 * @param {Element} element
 * @returns {boolean} whether something was closed
 */
export function uncover(element) {
  let closed = false;
  for (let parent = element.parentElement; parent; parent = parent.parentElement) {
    if (parent instanceof HTMLDetailsElement && !parent.open) closed = parent.open = true;
    const input = parent.classList.contains("tabbed-block") ? tabOf(parent) : null;
    if (input && !input.checked) {
      input.click(); // the theme listens: tabs of one name go together
      closed = true;
    }
  }
  return closed;
}

/**
 * The switch of a tab: pymdownx puts those of a set before their labels, in the order of the blocks.
 * @param {Element} block
 */
function tabOf(block) {
  const inputs = block.closest(".tabbed-set")?.querySelectorAll(":scope > input");
  return /** @type {HTMLInputElement | undefined} */ (inputs?.[[...(block.parentElement?.children ?? [])].indexOf(block)]);
}
