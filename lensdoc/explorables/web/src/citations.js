/**
 * What a card shows for a citation: its entry in the list of references, with its links, without its links back to the text.
 * @param {HTMLAnchorElement} link
 * @returns {Node[]}
 */
export function referenceOf(link) {
  const entry = document.getElementById(decodeURIComponent(link.hash.slice(1)))?.querySelector(".ld-work");
  if (!entry) return [];
  const shown = document.createElement("p");
  shown.append(...entry.cloneNode(true).childNodes);
  return [shown];
}
