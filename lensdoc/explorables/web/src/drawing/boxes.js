import {CLEAR, make, paint, rect, tenth} from "./shapes.js";

// What a style sheet draws for a box besides its background colour: gradients, shadows, borders.

const COLOUR = /(?:rgba?|oklch|oklab|color)\([^()]*\)/g;
const SHADOW = /([a-z]+\([^()]*\)) (-?[\d.]+)px (-?[\d.]+)px 0px (-?[\d.]+)px( inset)?/g;

/**
 * A bar of one colour, or a ramp of several.
 * @param {DOMRect} box
 * @param {CSSStyleDeclaration} style
 * @param {number} left
 * @param {number} top
 */
export function gradient(box, style, left, top) {
  const colours = style.backgroundImage.match(COLOUR);
  if (!colours) return [];
  if (style.backgroundRepeat === "no-repeat") {
    const [share, high] = style.backgroundSize.split(" ").map(parseFloat);
    const at = /^(?:calc\()?100%(?: - ([\d.]+)px\))?$/.exec(style.backgroundPositionY);
    const y = at ? box.bottom - high - Number(at[1] ?? 0) : box.top;
    const [begin, end] = [Math.max(y, box.top), Math.min(y + high, box.bottom)];
    if (end <= begin) return [];
    return [rect(new DOMRect(box.x, begin, box.width * share / 100, end - begin), left, top, paint("fill", colours[0]))];
  }
  if (style.backgroundImage.startsWith("repeating")) return hatch(box, colours.find((colour) => !CLEAR.test(colour)) ?? colours[0], left, top);
  const id = `ramp-${tenth(box.x)}-${tenth(box.y)}`;
  const ramp = make("linearGradient", {id});
  const stops = style.backgroundImage.match(/\) [\d.]+%|\)(?=,|\)$)/g) ?? [];
  colours.forEach((colour, i) => {
    const offset = stops[i]?.endsWith("%") ? stops[i].slice(2) : `${100 * i / (colours.length - 1)}%`;
    // A transparent stop has the colours of both neighbours, at opacity 0.
    const faded = CLEAR.test(colour);
    for (const shown of faded ? [colours[i - 1], colours[i + 1]] : [colour]) {
      if (shown) ramp.append(make("stop", {offset, ...paint("stop", shown, faded ? 0 : 1, "stop-color")}));
    }
  });
  return [ramp, rect(box, left, top, {fill: `url(#${id})`, style: `filter: ${style.filter}`})];
}

/**
 * Slanted lines, as of tokens at which nothing was measured.
 * @param {DOMRect} box
 * @param {string} colour
 * @param {number} left
 * @param {number} top
 */
function hatch(box, colour, left, top) {
  const id = `hatch-${tenth(box.x)}-${tenth(box.y)}`;
  const pattern = make("pattern", {id, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)"});
  pattern.append(make("rect", {width: 1.5, height: 5, ...paint("fill", colour)}));
  return [pattern, rect(box, left, top, {fill: `url(#${id})`})];
}

/**
 * Frames, edges and bars above a box that are drawn as shadows without blur; the first lies over the others.
 * @param {DOMRect} box
 * @param {CSSStyleDeclaration} style
 * @param {number} left
 * @param {number} top
 */
export function shadows(box, style, left, top) {
  return [...style.boxShadow.matchAll(SHADOW)].reverse().flatMap(([, colour, ...lengths]) => {
    const [aside, down, wide] = lengths.map(parseFloat);
    if (CLEAR.test(colour)) return [];
    if (down) {
      const high = wide - down;
      return high > 0 ? [rect(new DOMRect(box.x + aside - wide, box.y - high, box.width + 2 * wide, high), left, top, paint("fill", colour))] : [];
    }
    if (aside < 0) return [rect(new DOMRect(box.right + aside, box.y, -aside, box.height), left, top, paint("fill", colour))];
    const by = lengths[3] ? wide / 2 : -wide / 2;
    const frame = new DOMRect(box.x + by, box.y + by, box.width - 2 * by, box.height - 2 * by);
    return [rect(frame, left, top, {fill: "none", "stroke-width": String(wide), ...paint("stroke", colour)})];
  });
}

/**
 * An outline stands outside its box, by its offset.
 * @param {DOMRect} box
 * @param {CSSStyleDeclaration} style
 * @param {number} left
 * @param {number} top
 */
export function outline(box, style, left, top) {
  const by = parseFloat(style.outlineWidth) / 2 + parseFloat(style.outlineOffset);
  const frame = new DOMRect(box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by);
  return rect(frame, left, top, {fill: "none", "stroke-width": style.outlineWidth, ...paint("stroke", style.outlineColor)});
}

/**
 * Its four sides, each a bar.
 * @param {DOMRect} box
 * @param {CSSStyleDeclaration} style
 * @param {number} left
 * @param {number} top
 */
export function borders(box, style, left, top) {
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
