import {fontFaces} from "./fonts.js";
import {openFrames} from "./frames.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const PAD = 8;
const CLEAR = /^(transparent|rgba\(0, 0, 0, 0\)|none)$|\/ 0\)$/;
const DRAWN = ["stroke-width", "stroke-dasharray", "opacity", "overflow", "font-size", "font-family", "text-anchor"];

/**
 * A part of the page as an SVG of its own: every background, border, text and drawing where it stands and as it looks now. Plain
 * shapes and texts, so that programs that know no HTML open it; images and fonts are within.
 * @param {HTMLElement} root
 * @returns {Promise<{text: string, width: number, height: number}>}
 */
export async function figureSvg(root) {
  const close = openFrames(root);
  // Lines may rise above the figure's box.
  const boxes = [root, ...root.querySelectorAll("svg *, .ld-frame, .ld-window")].map((part) => part.getBoundingClientRect()).filter((box) => box.width || box.height);
  const [left, top] = [Math.min(...boxes.map((box) => box.left)) - PAD, Math.min(...boxes.map((box) => box.top)) - PAD];
  const width = Math.ceil(Math.max(left + root.scrollWidth, ...boxes.map((box) => box.right)) - left + PAD);
  const height = Math.ceil(Math.max(...boxes.map((box) => box.bottom)) - top + PAD);
  const svg = make("svg", {xmlns: NAMESPACE, width, height, viewBox: `0 0 ${width} ${height}`});
  svg.append(make("rect", {width, height, ...ground(root)}));
  draw(root, svg, left, top);
  close();
  const fonts = make("style", {});
  fonts.textContent = await fontFaces([...svg.querySelectorAll("text")].map((text) => text.getAttribute("font-family") ?? "").join());
  if (fonts.textContent) svg.prepend(fonts);
  return {text: new XMLSerializer().serializeToString(svg), width, height};
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function make(name, attributes) {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/** @param {Element | null} element */
function ground(element) {
  for (let at = element; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (!CLEAR.test(colour)) return paint("fill", colour);
  }
  return {fill: "#ffffff"};
}

const pen = document.createElement("canvas").getContext("2d", {willReadFrequently: true});

/**
 * A colour as every program reads it: computed styles may be `oklch(...)`.
 * @param {string} name `fill`, `stroke` or `stop`
 * @param {string} colour
 * @param {number} opacity
 * @param {string} attribute
 * @returns {Record<string, string>}
 */
function paint(name, colour, opacity = 1, attribute = name) {
  if (!pen || CLEAR.test(colour)) return {[name]: "none"};
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
  const digits = [r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("");
  return {[attribute]: `#${digits}`, [`${name}-opacity`]: (opacity * a / 255).toFixed(3)};
}

/**
 * @param {Element} element
 * @param {Element} into
 * @param {number} left
 * @param {number} top
 */
function draw(element, into, left, top) {
  const style = getComputedStyle(element);
  if (style.display === "none" || style.visibility === "hidden" || element.matches("template, details, .ld-switch, .ld-hint, .ld-unseen")) return;
  if (element instanceof SVGSVGElement) return into.append(drawing(element, left, top));
  for (const box of element.getClientRects()) {
    if (!CLEAR.test(style.backgroundColor)) into.append(rect(box, left, top, paint("fill", style.backgroundColor)));
    into.append(...gradient(box, style, left, top), ...shadow(box, style, left, top), ...borders(box, style, left, top));
    if (style.outlineStyle === "solid") into.append(rect(box, left, top, {fill: "none", "stroke-width": style.outlineWidth, ...paint("stroke", style.outlineColor)}));
  }
  if (element.matches(".ld-token")) generated(element, into, left, top);
  if (element instanceof HTMLImageElement) {
    const box = element.getBoundingClientRect();
    const mirrored = style.scale.startsWith("-1") && {transform: `translate(${tenth(2 * (box.x - left) + box.width)} 0) scale(-1 1)`};
    const image = rect(box, left, top, {href: element.src, preserveAspectRatio: "none", style: `image-rendering: ${style.imageRendering}; filter: ${style.filter}`, ...mirrored}, "image");
    return into.append(image);
  }
  for (const node of element.childNodes) {
    if (node instanceof Element) draw(node, into, left, top);
    else if (node instanceof Text) text(node, style, into, left, top);
  }
}

/**
 * @param {DOMRect} box
 * @param {number} left
 * @param {number} top
 * @param {Record<string, string>} more
 */
function rect(box, left, top, more, name = "rect") {
  return make(name, {x: tenth(box.x - left), y: tenth(box.y - top), width: tenth(box.width), height: tenth(box.height), ...more});
}

const COLOUR = /(?:rgba?|oklch|oklab|color)\([^()]*\)/g;

/**
 * A bar of one colour, or a ramp of several.
 * @param {DOMRect} box
 * @param {CSSStyleDeclaration} style
 * @param {number} left
 * @param {number} top
 */
function gradient(box, style, left, top) {
  const colours = style.backgroundImage.match(COLOUR);
  if (!colours) return [];
  if (style.backgroundRepeat === "no-repeat") {
    const [share, high] = style.backgroundSize.split(" ").map(parseFloat);
    const y = style.backgroundPositionY === "100%" ? box.bottom - high : box.top;
    return [rect(new DOMRect(box.x, y, box.width * share / 100, Math.min(high, box.height)), left, top, paint("fill", colours[0]))];
  }
  const id = `ramp-${tenth(box.x)}-${tenth(box.y)}`;
  const ramp = make("linearGradient", {id});
  const stops = style.backgroundImage.match(/\) [\d.]+%|\)(?=,|\)$)/g) ?? [];
  colours.forEach((colour, i) => {
    const offset = stops[i]?.endsWith("%") ? stops[i].slice(2) : `${100 * i / (colours.length - 1)}%`;
    // At a stop without a colour those on both sides fade.
    const faded = CLEAR.test(colour);
    for (const shown of faded ? [colours[i - 1], colours[i + 1]] : [colour]) {
      if (shown) ramp.append(make("stop", {offset, ...paint("stop", shown, faded ? 0 : 1, "stop-color")}));
    }
  });
  return [ramp, rect(box, left, top, {fill: `url(#${id})`, style: `filter: ${style.filter}`})];
}

/**
 * A frame or an edge that is drawn as a shadow without blur.
 * @param {DOMRect} box
 * @param {CSSStyleDeclaration} style
 * @param {number} left
 * @param {number} top
 */
function shadow(box, style, left, top) {
  const found = /^(.*\)) (-?[\d.]+)px 0px 0px ([\d.]+)px( inset)?$/.exec(style.boxShadow);
  if (!found) return [];
  const [aside, wide] = [Number(found[2]), Number(found[3])];
  if (aside < 0) return [rect(new DOMRect(box.right + aside, box.y, -aside, box.height), left, top, paint("fill", found[1]))];
  const by = found[4] ? wide / 2 : -wide / 2;
  const frame = new DOMRect(box.x + by, box.y + by, box.width - 2 * by, box.height - 2 * by);
  return [rect(frame, left, top, {fill: "none", "stroke-width": String(wide), ...paint("stroke", found[1])})];
}

/**
 * Its four sides, each a bar.
 * @param {DOMRect} box
 * @param {CSSStyleDeclaration} style
 * @param {number} left
 * @param {number} top
 */
function borders(box, style, left, top) {
  const sides = ["top", "right", "bottom", "left"].map((side) => {
    const wide = style.getPropertyValue(`border-${side}-style`) === "none" ? 0 : parseFloat(style.getPropertyValue(`border-${side}-width`));
    return {wide, colour: style.getPropertyValue(`border-${side}-color`), dashed: style.getPropertyValue(`border-${side}-style`) === "dashed"};
  });
  const [above, right, below, before] = sides.map(({wide}) => wide);
  const bars = [
    new DOMRect(box.x, box.y, box.width, above),
    new DOMRect(box.right - right, box.y, right, box.height),
    new DOMRect(box.x, box.bottom - below, box.width, below),
    new DOMRect(box.x, box.y, before, box.height)
  ];
  return bars.flatMap((bar, i) => {
    const {wide, colour, dashed} = sides[i];
    if (!wide || CLEAR.test(colour)) return [];
    return [dashed ? dashes(bar, left, top, colour) : rect(bar, left, top, paint("fill", colour))];
  });
}

/**
 * A thin bar as a dashed line along its longer side.
 * @param {DOMRect} bar
 * @param {number} left
 * @param {number} top
 * @param {string} colour
 */
function dashes(bar, left, top, colour) {
  const wide = Math.min(bar.width, bar.height);
  const [x, y] = [bar.x - left + (bar.width === wide ? wide / 2 : 0), bar.y - top + (bar.width === wide ? 0 : wide / 2)];
  const [x2, y2] = bar.width === wide ? [x, y + bar.height] : [x + bar.width, y];
  const dashed = {"stroke-width": wide, "stroke-dasharray": `${3 * wide} ${2 * wide}`};
  return make("line", {x1: tenth(x), y1: tenth(y), x2: tenth(x2), y2: tenth(y2), ...dashed, ...paint("stroke", colour)});
}

/** @param {number} value */
const tenth = (value) => Math.round(value * 10) / 10;

/**
 * The bar above a token and the label below it, which the style sheet makes.
 * @param {Element} token
 * @param {Element} into
 * @param {number} left
 * @param {number} top
 */
function generated(token, into, left, top) {
  const box = token.getClientRects()[0];
  if (!box) return;
  const [bar, label] = [getComputedStyle(token, "::after"), getComputedStyle(token, "::before")];
  if (bar.content === '""' && !CLEAR.test(bar.backgroundColor)) {
    const [width, height] = [parseFloat(bar.width), parseFloat(bar.height)];
    into.append(rect(new DOMRect(box.x, box.y - 1 - height, width, height), left, top, paint("fill", bar.backgroundColor)));
  }
  const said = /^"(.+)"$/.exec(label.content);
  if (said) {
    const {direction, paddingLeft, paddingRight} = getComputedStyle(token);
    const x = direction === "rtl" ? box.right - parseFloat(paddingRight) : box.x + parseFloat(paddingLeft);
    const made = words(said[1], x - left, box.bottom + parseFloat(label.fontSize) - top, label);
    made.setAttribute("text-anchor", direction === "rtl" ? "end" : "start");
    into.append(made);
  }
}

/**
 * @param {string} said
 * @param {number} x
 * @param {number} y
 * @param {CSSStyleDeclaration} style
 */
function words(said, x, y, style) {
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

/**
 * Lines of a text node, each where it stands; those that run upwards are turned. What a head or a cell cuts off is left out.
 * @param {Text} node
 * @param {CSSStyleDeclaration} style
 * @param {Element} into
 * @param {number} left
 * @param {number} top
 */
function text(node, style, into, left, top) {
  const range = document.createRange();
  const head = node.parentElement?.closest(".ld-head, .ld-grid .ld-word")?.getBoundingClientRect();
  const turned = style.writingMode !== "horizontal-tb";
  /** @type {{box: DOMRect, text: string}[]} */
  const lines = [];
  for (let i = 0; i < node.length; i++) {
    range.setStart(node, i);
    range.setEnd(node, i + 1);
    const box = range.getClientRects()[0];
    const last = lines.at(-1);
    if (head && box && (turned ? box.top < head.top - 1 : box.x + box.width / 2 > head.right + 1)) continue; // low rows are lower than their letters
    if (!box?.width || !box.height) { // a part of the character before it, if it is no white space that is left out
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
 * A token is a text of its own here; joiners keep the shapes of letters that are joined with those of its neighbours.
 * @param {Element | null} token
 * @param {string} line
 */
function joined(token, line) {
  const [before, after] = ["ld-joined", "ld-joins"].map((name) => (token?.classList.contains(name) ? "\u200d" : ""));
  return before + line + after;
}

/**
 * A drawing of the page, its style written into it.
 * @param {SVGSVGElement} svg
 * @param {number} left
 * @param {number} top
 */
function drawing(svg, left, top) {
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const [originals, copies] = [svg, copy].map((each) => [each, ...each.querySelectorAll("*")]);
  originals.forEach((original, i) => {
    const style = getComputedStyle(original);
    const looks = {
      ...Object.fromEntries(DRAWN.map((name) => [name, style.getPropertyValue(name)])),
      ...paint("fill", style.fill, Number(style.fillOpacity)),
      ...paint("stroke", style.stroke, Number(style.strokeOpacity))
    };
    for (const [name, value] of Object.entries(looks)) copies[i].setAttribute(name, value);
    if (style.vectorEffect !== "none") copies[i].setAttribute("vector-effect", style.vectorEffect);
    if (style.display === "none" || style.visibility === "hidden") copies[i].setAttribute("display", "none");
  });
  const box = svg.getBoundingClientRect();
  for (const [name, value] of Object.entries({x: box.x - left, y: box.y - top, width: box.width, height: box.height})) {
    copy.setAttribute(name, String(tenth(value)));
  }
  return copy;
}
