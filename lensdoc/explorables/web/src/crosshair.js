import {forward} from "./words.js";

/** What is pointed at: the column and the first line from the top, and how many lines its row has. @typedef {{x: number, line: number, tall: number}} Pointed */

/** A line in the colour of the text, as a background. */
export const LINE = "linear-gradient(color-mix(in srgb, currentcolor 99.9%, #0000) 0 0) no-repeat";

/**
 * Crosshair over the picture of a heatmap: two lines on each side of the column and of the row, and a frame around the value. All are
 * backgrounds of one box, so that it moves, comes and goes without a layout; they let a thousandth through, since browsers put all layers
 * of the page together anew as an opaque part of one moves.
 * @param {HTMLElement} plot
 * @param {number} columns
 * @param {number} lines
 * @param {AbortSignal} signal
 * @returns {(at: Pointed | null) => void} puts it at a value, or hides it
 */
export function crosshairIn(plot, columns, lines, signal) {
  const box = Object.assign(document.createElement("span"), {className: "ld-cursor"});
  const {style} = box;
  Object.assign(style, {inset: "0", visibility: "hidden", color: "var(--ld-ink)", forcedColorAdjust: "none", background: Array(8).fill(LINE).join()});
  plot.append(box);
  signal.addEventListener("abort", () => box.remove());
  /** @type {number | undefined} */
  let ahead; // asked once: the answer needs the styles of the page
  return (at) => {
    style.visibility = at ? "" : "hidden";
    if (!at) return;
    const wide = 1 / columns, high = at.tall / lines;
    const left = (ahead ??= forward(plot)) < 0 ? 1 - (at.x + 1) * wide : at.x * wide, top = at.line / lines;
    const x = beside(left, wide), y = beside(top, high), right = left + wide, bottom = top + high;
    style.backgroundPosition = [
      `${edge(left, 1, 0)} 0`, `${edge(right, 1, -1)} 0`, `0 ${edge(top, 1, -1)}`, `0 ${edge(bottom, 1, 0)}`,
      `${edge(left, 2, -2)} ${y}`, `${edge(right, 2, 0)} ${y}`, `${x} ${edge(top, 2, -2)}`, `${x} ${edge(bottom, 2, 0)}`
    ].join();
    const [across, down] = [wide, high].map((share) => `calc(${100 * share}% + ${2 * FRAME}px)`);
    style.backgroundSize = ["1px 100%", "1px 100%", "100% 1px", "100% 1px", `2px ${down}`, `2px ${down}`, `${across} 2px`, `${across} 2px`].join();
  };
}

/** How far the frame reaches beyond its value. */
const FRAME = 2;

// A share is of the room that a background leaves: one of some pixels stands as much too far back at the end.

/**
 * Where a line stands.
 * @param {number} share
 * @param {number} width
 * @param {number} off
 */
const edge = (share, width, off) => `calc(${100 * share}% + ${width * share + off}px)`;

/**
 * Where the side of the frame begins that goes along a value.
 * @param {number} from
 * @param {number} size
 */
function beside(from, size) {
  const share = size < 1 ? from / (1 - size) : 0;
  return `calc(${100 * share}% + ${(2 * share - 1) * FRAME}px)`;
}
