const DRAWN = "svg, svg *, img, td, th, .ld-token, .ld-swatch, .ld-frame, .ld-window";

/**
 * The boxes of what a part of the page shows: its letters, drawings and cells. Blocks are as wide as the page, with nothing at their end.
 * @param {HTMLElement} root
 * @param {string} leftOut
 * @returns {DOMRect[]}
 */
export function extents(root, leftOut) {
  const boxes = [...root.querySelectorAll(DRAWN)].filter((part) => !part.closest(leftOut)).map((part) => part.getBoundingClientRect());
  const range = document.createRange();
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const {currentNode: node} = walker;
    if (!node.textContent?.trim() || node.parentElement?.closest(`${leftOut}, .ld-unseen, svg`)) continue;
    range.selectNodeContents(node);
    boxes.push(...range.getClientRects());
  }
  return boxes.filter((box) => box.width && box.height);
}
