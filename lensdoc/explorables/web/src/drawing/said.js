import {make, paint, tenth} from "./shapes.js";

// What a saved picture says below the drawing: its title, its caption, what it shows, and where it comes from, under which licence.

const APART = 14; // pixels between the drawing and the text
const LEAST = 420; // pixels that a line of text may have, however narrow the drawing is
const UNREAD = ".katex-mathml, .headerlink, .ld-hint, [role='status']:not(.ld-live)";

/**
 * @param {HTMLElement} figure
 * @param {number} wide the width of the drawing
 * @param {number} top where the text begins
 * @returns {{group: Element, width: number, height: number} | null} nothing for a figure without a caption
 */
export function said(figure, wide, top) {
  const caption = figure.querySelector(":scope > figcaption");
  if (!caption) return null;
  const {color, fontFamily, fontSize} = getComputedStyle(caption);
  const size = parseFloat(fontSize), width = Math.max(wide, LEAST);
  const pen = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  const group = make("g", {class: "ld-said"});
  let y = top + APART;
  for (const {text, weight, scale} of paragraphs(figure, caption)) {
    const high = size * scale;
    pen.font = `${weight} ${high}px ${fontFamily}`;
    for (const line of wrapped(text, width, pen)) {
      y += 1.4 * high;
      const made = make("text", {x: 8, y: tenth(y), ...paint("fill", color), "font-size": `${tenth(high)}px`, "font-family": fontFamily, "font-weight": weight});
      made.textContent = line;
      group.append(made);
    }
    y += 0.3 * high;
  }
  return {group, width, height: y - top + 4};
}

/**
 * @param {HTMLElement} figure
 * @param {Element} caption
 */
function paragraphs(figure, caption) {
  const whole = words(caption);
  const title = [caption.querySelector(".ld-number"), caption.querySelector("p > strong:first-of-type")].map((part) => (part ? words(part) : "")).filter(Boolean).join(" ");
  const begins = whole.startsWith(title) && /[.?!]$/.test(title) ? title : ""; // a title that is a part of a sentence stays in it
  const live = words(figure.querySelector(".ld-live")) || words(figure.querySelector(".ld-summary"));
  const licence = words(document.querySelector("a[rel~='license']"));
  const address = location.protocol === "file:" ? "" : `${location.origin}${location.pathname}#${figure.id}`;
  const source = [words(figure.querySelector(".ld-imprint")), words(document.querySelector("h1")), address, licence].filter(Boolean).join(" · ");
  return [
    {text: begins, weight: "700", scale: 1},
    {text: whole.slice(begins.length).trim(), weight: "400", scale: 1},
    {text: live, weight: "400", scale: 0.9},
    {text: source, weight: "400", scale: 0.8}
  ].filter(({text}) => text);
}

/**
 * The words of a part of the page, without what is for screen readers or scripts alone.
 * @param {Element | null} part
 */
function words(part) {
  if (!part) return "";
  const copy = /** @type {Element} */ (part.cloneNode(true));
  for (const unread of copy.querySelectorAll(UNREAD)) unread.remove();
  return (copy.textContent ?? "").replace(/¶$/, "").replace(/\s+/g, " ").trim();
}

/**
 * @param {string} text
 * @param {number} width
 * @param {CanvasRenderingContext2D} pen
 */
function wrapped(text, width, pen) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && pen.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
