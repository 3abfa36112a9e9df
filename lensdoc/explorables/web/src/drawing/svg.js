import {borders, gradient, outline, shadows} from "./boxes.js";
import {fontFaces} from "./fonts.js";
import {openFrames} from "./frames.js";
import {extents} from "./extent.js";
import {generated} from "./generated.js";
import {drawing} from "./inline.js";
import {said} from "./said.js";
import {CLEAR, NAMESPACE, make, paint, rect, tenth} from "./shapes.js";
import {text} from "./texts.js";

const PAD = 8;

/** Parts of a figure that are not saved: they explain or operate it on the page. */
const LEFT_OUT = "template, noscript, details, .ld-switch, .ld-readout";

/**
 * A part of the page as an SVG of its own: every background, border, text and drawing where it stands and as it looks now. Plain
 * shapes and texts, so that programs that know no HTML open it; images and fonts are within.
 * @param {HTMLElement} root
 * @returns {Promise<{text: string, width: number, height: number}>}
 */
export async function figureSvg(root) {
  const close = openFrames(root);
  const {left: x, top: y} = root.getBoundingClientRect();
  const boxes = extents(root, LEFT_OUT); // sparklines may rise above the box of the figure
  const [left, top] = [Math.min(x, ...boxes.map((box) => box.left)) - PAD, Math.min(y, ...boxes.map((box) => box.top)) - PAD];
  const drawn = Math.ceil(Math.max(0, ...boxes.map((box) => box.right - left)));
  const bottom = Math.ceil(Math.max(0, ...boxes.map((box) => box.bottom - top)));
  const figure = root.closest("figure");
  const below = figure && said(figure, drawn - PAD, bottom);
  const width = Math.ceil(Math.max(drawn, (below?.width ?? 0) + PAD)) + PAD;
  const height = Math.ceil(bottom + (below?.height ?? 0)) + PAD;
  const svg = make("svg", {xmlns: NAMESPACE, width, height, viewBox: `0 0 ${width} ${height}`});
  svg.append(make("rect", {width, height, ...background(root)}));
  draw(root, svg, left, top);
  if (below) svg.append(below.group);
  close();
  const fonts = make("style", {});
  fonts.textContent = await fontFaces([...svg.querySelectorAll("text")].map((text) => text.getAttribute("font-family") ?? "").join());
  if (fonts.textContent) svg.prepend(fonts);
  return {text: new XMLSerializer().serializeToString(svg), width, height};
}

/**
 * The colour behind an element: its own, or that of the nearest ancestor that has one.
 * @param {Element | null} element
 */
function background(element) {
  for (let at = element; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (!CLEAR.test(colour)) return paint("fill", colour);
  }
  return {fill: "#ffffff"};
}

/**
 * @param {CSSStyleDeclaration} style
 */
const hidden = (style) => style.display === "none" || style.visibility === "hidden" || style.clipPath === "inset(50%)";

/**
 * @param {Element} element
 * @param {Element} into
 * @param {number} left
 * @param {number} top
 * @param {DOMRect | null} [frame] beyond which texts are cut off
 */
function draw(element, into, left, top, frame = null) {
  const style = getComputedStyle(element);
  if (hidden(style) || element.matches(LEFT_OUT)) return;
  if (element instanceof SVGSVGElement) return into.append(drawing(element, left, top));
  for (const box of element.getClientRects()) {
    if (!CLEAR.test(style.backgroundColor)) into.append(rect(box, left, top, paint("fill", style.backgroundColor)));
    into.append(...gradient(box, style, left, top), ...shadows(box, style, left, top), ...borders(box, style, left, top));
    if (style.outlineStyle === "solid") into.append(outline(box, style, left, top));
  }
  if (element.matches(".ld-token")) generated(element, into, left, top);
  if (element instanceof HTMLImageElement) {
    const box = element.getBoundingClientRect();
    const mirrored = style.scale.startsWith("-1") && {transform: `translate(${tenth(2 * (box.x - left) + box.width)} 0) scale(-1 1)`};
    const image = rect(box, left, top, {href: element.src, preserveAspectRatio: "none", style: `image-rendering: ${style.imageRendering}; filter: ${style.filter}`, ...mirrored}, "image");
    return into.append(image);
  }
  const cuts = style.textOverflow === "ellipsis" && style.overflowX !== "visible" ? element.getBoundingClientRect() : frame;
  for (const node of element.childNodes) {
    if (node instanceof Element) draw(node, into, left, top, cuts);
    else if (node instanceof Text) text(node, style, into, left, top, cuts);
  }
}
