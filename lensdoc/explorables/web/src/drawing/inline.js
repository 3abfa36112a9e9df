import {paint, tenth} from "./shapes.js";

const DRAWN = ["stroke-width", "stroke-dasharray", "opacity", "overflow", "font-size", "font-family", "text-anchor"];

/**
 * A copy of an SVG of the page, with its computed style as attributes.
 * @param {SVGSVGElement} svg
 * @param {number} left
 * @param {number} top
 */
export function drawing(svg, left, top) {
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
