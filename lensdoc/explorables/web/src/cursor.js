/**
 * A line of one pixel over a drawing. It is a background, and hidden in its place, so that it moves, comes and goes without a layout; and it
 * lets a hundredth through, since browsers put all layers of the page together anew as an opaque part of one moves.
 * @param {HTMLElement} holder
 * @param {Partial<CSSStyleDeclaration>} place of the box in which it moves
 * @param {AbortSignal} signal
 * @returns {(share: number | null) => void} puts it at a share of the width, or hides it
 */
export function cursorIn(holder, place, signal) {
  const cursor = Object.assign(document.createElement("span"), {className: "ld-cursor"});
  cursor.ariaHidden = "true";
  Object.assign(cursor.style, {position: "absolute", visibility: "hidden", pointerEvents: "none", background: "linear-gradient(color-mix(in srgb, var(--ld-ink) 99%, #0000) 0 0) 0 / 1px 100% no-repeat", ...place});
  holder.style.position = "relative";
  holder.append(cursor);
  signal.addEventListener("abort", () => cursor.remove());
  return (share) => {
    cursor.style.visibility = share === null ? "hidden" : "";
    if (share !== null) cursor.style.backgroundPositionX = `${100 * share}%`;
  };
}
