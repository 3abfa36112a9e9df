// Elements as a tree: text is a text node and cannot become markup. lensdoc/explorables/elements.py makes them alike.
const SVG = "http://www.w3.org/2000/svg";
const DRAWN = new Set(["svg", "g", "path", "line", "rect", "circle", "text"]);

/** @typedef {Element | string} Content */
/** @typedef {Record<string, string | null>} Attributes */

/**
 * An element with its attributes (null leaves one out) and its content in order; the content of a template is in its fragment.
 * @param {string} tag
 * @param {Attributes | null} [attributes]
 * @param {Content[]} content
 * @returns {Element}
 */
export function element(tag, attributes, ...content) {
  const made = DRAWN.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) if (value !== null) made.setAttribute(name, value);
  const holder = made instanceof HTMLTemplateElement ? made.content : made;
  holder.append(...content.filter((item) => item !== ""));
  holder.normalize();
  return made;
}

/**
 * What a script needs to know of a figure, in an element that shows nothing.
 * @param {unknown} data
 */
export const dataElement = (data) => element("template", {class: "ld-data"}, JSON.stringify(data));
