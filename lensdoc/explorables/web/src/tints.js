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

let made = 0;
/** @type {CSSStyleSheet | undefined} */
let sheet;

/**
 * Add the style rules for the steps of tokens while a factor is isolated, with and without a sign. Only this script sets these steps,
 * so the style sheet has no rules for them; rules are faster than an inline style at each of thousands of tokens.
 * @param {Element} element of the tree that needs them: the document, or that of a widget
 * @param {number} count number of steps
 */
export function makeSteps(element, count) {
  const {adoptedStyleSheets: adopted} = /** @type {Document | ShadowRoot} */ (element.getRootNode());
  if (!adopted) return;
  sheet ??= new CSSStyleSheet();
  for (; made < count; made++) sheet.insertRule(`.ld :is([data-shown="${made}"], [data-shown="-${made}"]) { --ld-isolated-l: ${made}; }`);
  if (!adopted.includes(sheet)) adopted.push(sheet);
}
