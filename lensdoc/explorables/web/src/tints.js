import {range} from "d3-array";

/**
 * Step of the tint for the size of each value, halves rounded up; beyond the largest it is the last.
 * @param {number[]} values
 * @param {number} count number of steps
 * @param {number | null} [largest] what the last step stands for; the largest of the values unless said
 * @returns {number[]}
 */
export function levels(values, count, largest) {
  const whole = (largest ?? values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)) || 1;
  return values.map((value) => Math.floor((count - 1) * Math.min(1, Math.abs(value) / whole) + 0.5));
}

/**
 * The style rules of tokens while a factor is isolated: of its hue, and of the steps of its tint with and without a sign. Only this
 * script sets these, so the style sheet has no rules for them; rules are faster than an inline style at each of thousands of tokens.
 * @type {CSSStyleSheet | undefined}
 */
let sheet;
const made = new Set();

/**
 * Let the rules hold in a tree: the document, or that of a widget.
 * @param {Element} element
 * @returns {boolean} whether it can hold them
 */
function adopt(element) {
  const {adoptedStyleSheets: adopted} = /** @type {Document | ShadowRoot} */ (element.getRootNode());
  if (!adopted) return false;
  sheet ??= new CSSStyleSheet();
  if (!adopted.includes(sheet)) adopted.push(sheet);
  return true;
}

/**
 * Make the rules of a figure, each once, and all of them before its first factor is isolated: whenever rules are added, browsers look
 * through the whole page for what they concern.
 * @param {HTMLElement[]} rows the lines of factors, each with its hue
 * @param {number} count number of steps
 */
export function makeTints(rows, count) {
  if (!adopt(rows[0])) return;
  /** @type {[string, () => string][]} */
  const rules = [
    ...rows.map((row) => /** @type {[string, () => string]} */ ([`[data-by="${row.dataset.hue}"]`, () => `--ld-isolated-h: ${getComputedStyle(row).getPropertyValue("--ld-h")}`])),
    ...range(1, count).map((step) => /** @type {[string, () => string]} */ ([`[data-shown="${step}"], .ld [data-shown="-${step}"]`, () => `--ld-isolated-l: ${step}`]))
  ];
  const missing = rules.filter(([selector]) => !made.has(selector) && made.add(selector));
  const written = missing.map(([selector, declaration]) => `.ld ${selector} { ${declaration()}; }`); // hues are read before a rule is added
  for (const rule of written) sheet?.insertRule(rule);
}

/**
 * Give a token a value for the style sheet, or take it away. What stays as it is is not touched: its style would be computed again.
 * @param {HTMLElement} token
 * @param {string} name
 * @param {string | undefined} value
 */
export function put({dataset}, name, value) {
  if (dataset[name] === value) return;
  if (value === undefined) delete dataset[name];
  else dataset[name] = value;
}
