import {formula} from "./math.js";
import {samePage, targetOf} from "./states.js";
import {wake} from "./waiting.js";

// What a card shows for a link: of a figure its number, caption and first state, of a section its first paragraph, of a value its source.

/** What works only in the page itself, or would be repeated. */
const LIVE = "template, .ld-data, .ld-readout, .ld-switch, .ld-details, .ld-later, .ld-tools, .ld-hint, .ld-live, .headerlink, input, button";

/**
 * @param {HTMLAnchorElement} link
 * @returns {Node[]} nothing for a link without a preview
 */
export function previewOf(link) {
  const {from, preview} = link.dataset;
  if (from) return whole(from).split("\n").map((line) => paragraph(line));
  if (preview) return [paragraph(link.textContent ?? "", "ld-number"), /^#eq-/i.test(link.hash) ? equation(preview) : excerpt(preview)];
  const target = link.hash && samePage(link) ? document.getElementById(targetOf(link)) : null;
  if (!target || inView(target)) return [];
  if (/^H[1-6]$/.test(target.tagName)) return [still(target, "p"), ...firstParagraph(target)];
  wake(target);
  const copy = still(target);
  const caption = copy.querySelector("figcaption");
  if (caption) copy.prepend(caption);
  return [copy];
}

/**
 * Run, model and parameters are written out in the page's first value of a run; in others `…` stands for them.
 * @param {string} from
 */
function whole(from) {
  const [run, place] = from.split("\n…\n");
  if (!place) return from;
  const told = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-from]"))].map((value) => value.dataset.from ?? "");
  const first = told.find((one) => one.startsWith(`${run}\n`) && !one.startsWith(`${run}\n…`)) ?? run;
  return `${first.split("\nData: ")[0]}\n${place}`;
}

/**
 * Whether most of it, or as much as fits, is in view: then a card would only repeat it.
 * @param {Element} element
 */
function inView(element) {
  const {top, bottom, height} = element.getBoundingClientRect();
  return Math.min(bottom, innerHeight) - Math.max(top, 0) > Math.min(height, innerHeight) / 2;
}

/** @param {Element} heading */
function firstParagraph(heading) {
  let next = heading.nextElementSibling;
  if (next?.matches(".ld-section")) next = next.firstElementChild;
  while (next && next.tagName !== "P" && !/^H[1-6]$/.test(next.tagName)) next = next.nextElementSibling;
  return next?.tagName === "P" ? [still(next)] : [];
}

/**
 * A copy that does nothing: no ids, no controls, and custom elements become plain ones.
 * @param {Element} element
 * @param {string} [tag]
 */
function still(element, tag) {
  const inert = document.implementation.createHTMLDocument("");
  const copy = inert.importNode(element, true);
  for (const live of copy.querySelectorAll(LIVE)) live.remove();
  for (const part of [...copy.querySelectorAll("*")]) {
    if (part.tagName.includes("-")) part.replaceWith(renamed(part, part.tagName === "LENS-MATH" ? "span" : "div"));
  }
  for (const part of [copy, ...copy.querySelectorAll("*")]) {
    for (const name of part.getAttributeNames()) if (/^(id|tabindex|role|aria-(?!hidden).*)$/.test(name)) part.removeAttribute(name);
    if (part.tagName === "A") part.removeAttribute("href");
  }
  return document.adoptNode(tag ? renamed(copy, tag) : copy);
}

/**
 * @param {Element} element
 * @param {string} tag
 */
function renamed(element, tag) {
  const made = element.ownerDocument.createElement(tag);
  for (const {name, value} of element.attributes) made.setAttribute(name, value);
  made.append(...element.childNodes);
  return made;
}

/**
 * @param {string} text
 * @param {string} [name]
 */
function paragraph(text, name = "") {
  return Object.assign(document.createElement("p"), {textContent: text, className: name});
}

/** @param {string} text the equation of another page is carried as its source: $$...$$ */
const equation = (text) => formula(`\\[${text.replace(/^\$\$|\$\$$/g, "")}\\]`);

/** @param {string} text the caption of another page is carried as its words, with a line break before and behind each formula */
function excerpt(text) {
  const made = paragraph("");
  made.append(...text.split("\n").map((part, i) => (i % 2 ? formula(`\\(${part}\\)`) : part)));
  return made;
}
