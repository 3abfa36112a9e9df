// Elements of a drawing, and its colours.

export const NAMESPACE = "http://www.w3.org/2000/svg";

export const CLEAR = /^(transparent|rgba\(0, 0, 0, 0\)|none)$|\/ 0\)$/;

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
export function make(name, attributes) {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

const context = document.createElement("canvas").getContext("2d", {willReadFrequently: true});

/**
 * A colour as every program reads it: computed styles may be `oklch(...)`.
 * @param {string} name `fill`, `stroke` or `stop`
 * @param {string} colour
 * @param {number} opacity
 * @param {string} attribute
 * @returns {Record<string, string>}
 */
export function paint(name, colour, opacity = 1, attribute = name) {
  if (!context || CLEAR.test(colour)) return {[name]: "none"};
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
  const digits = [r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("");
  return {[attribute]: `#${digits}`, [`${name}-opacity`]: (opacity * a / 255).toFixed(3)};
}

/**
 * @param {DOMRect} box
 * @param {number} left
 * @param {number} top
 * @param {Record<string, string>} more
 */
export function rect(box, left, top, more, name = "rect") {
  return make(name, {x: tenth(box.x - left), y: tenth(box.y - top), width: tenth(box.width), height: tenth(box.height), ...more});
}

/** @param {number} value */
export const tenth = (value) => Math.round(value * 10) / 10;
