import {make, paint, tenth} from "./shapes.js";

/**
 * Lines of a text node, each where it stands; those that run upwards are turned. What is cut off is left out.
 * @param {Text} node
 * @param {CSSStyleDeclaration} style
 * @param {Element} into
 * @param {number} left
 * @param {number} top
 * @param {DOMRect | null} frame beyond which it is cut off
 */
export function text(node, style, into, left, top, frame) {
  const range = document.createRange();
  const turned = style.writingMode !== "horizontal-tb";
  /** @type {{box: DOMRect, text: string}[]} */
  const lines = [];
  for (let i = 0; i < node.length; i++) {
    range.setStart(node, i);
    range.setEnd(node, i + 1);
    const box = range.getClientRects()[0];
    const last = lines.at(-1);
    if (frame && box && (turned ? box.top < frame.top - 1 : box.x + box.width / 2 > frame.right + 1)) continue; // only sideways: low rows are lower than their letters
    if (!box?.width || !box.height) { // without a box it is a part of the character before it, or collapsed white space
      if (last && node.data[i].trim()) last.text += node.data[i];
      continue;
    }
    if (last && Math.abs(turned ? last.box.left - box.left : last.box.top - box.top) < 2) {
      last.text += node.data[i];
      if (box.x < last.box.x) last.box = new DOMRect(box.x, last.box.y, last.box.width, last.box.height);
    } else {
      lines.push({box, text: node.data[i]});
    }
  }
  for (const {box, text: line} of lines) {
    const [x, y] = turned ? [box.left + box.width * 0.78 - left, box.bottom - top] : [box.x - left, box.y + box.height * 0.78 - top];
    const made = words(joined(node.parentElement, line), x, y, style);
    if (style.direction === "rtl" && !turned) for (const [key, value] of [["direction", "rtl"], ["text-anchor", "end"]]) made.setAttribute(key, value);
    if (turned) made.setAttribute("transform", `rotate(-90 ${tenth(x)} ${tenth(y)})`);
    into.append(made);
  }
}

/**
 * Each token is a text element of its own; zero width joiners keep the shapes of letters that join those of the next token.
 * @param {Element | null} token
 * @param {string} line
 */
function joined(token, line) {
  const [before, after] = ["ld-joined", "ld-joins"].map((name) => (token?.classList.contains(name) ? "\u200d" : ""));
  return before + line + after;
}

/**
 * @param {string} said
 * @param {number} x
 * @param {number} y
 * @param {CSSStyleDeclaration} style
 */
export function words(said, x, y, style) {
  const made = make("text", {
    x: tenth(x),
    y: tenth(y),
    ...paint("fill", style.color),
    "font-size": style.fontSize,
    "font-family": style.fontFamily,
    "font-weight": style.fontWeight,
    ...(style.textDecorationLine === "underline" && style.textDecorationStyle === "solid" && {"text-decoration": "underline"}),
    "xml:space": "preserve"
  });
  made.textContent = said;
  return made;
}
