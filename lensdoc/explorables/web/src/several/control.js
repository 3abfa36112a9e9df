// What a reader chooses with: buttons, more than six of them in a list, numbers on a slider.
const MOST_BUTTONS = 6;
const LEAST_NUMBERS = 3;

/** @typedef {{element: HTMLElement, show: (index: number) => void}} Control */
/** @typedef {(index: number, settled: boolean) => void} Choose a slider that is still held has not settled */

/**
 * @param {string} name what is chosen
 * @param {string[]} labels
 * @param {Choose} choose
 * @param {AbortSignal} signal
 * @returns {Control}
 */
export function control(name, labels, choose, signal) {
  if (labels.length >= LEAST_NUMBERS && labels.every((label) => /^-?\d+(\.\d+)?$/.test(label))) return slider(name, labels, choose, signal);
  return (labels.length > MOST_BUTTONS ? list : buttons)(name, labels, choose, signal);
}

/** @type {typeof control} */
function buttons(name, labels, choose, signal) {
  const all = labels.map((label, index) => {
    const button = made("button", {type: "button", textContent: label});
    button.addEventListener("click", () => choose(index, true), {signal});
    return button;
  });
  const element = made("div", {role: "group", ariaLabel: name});
  element.append(made("span", {textContent: name}), ...all);
  return {element, show: (index) => all.forEach((button, i) => (button.ariaPressed = String(i === index)))};
}

/** @type {typeof control} */
function list(name, labels, choose, signal) {
  const select = made("select", {});
  select.append(...labels.map((label, index) => made("option", {value: String(index), textContent: label})));
  select.addEventListener("change", () => choose(select.selectedIndex, true), {signal});
  const element = made("label", {});
  element.append(made("span", {textContent: name}), select);
  return {element, show: (index) => (select.selectedIndex = index)};
}

/** @type {typeof control} */
function slider(name, labels, choose, signal) {
  const range = made("input", {type: "range", min: "0", max: String(labels.length - 1), step: "1"});
  const told = made("output", {});
  range.addEventListener("input", () => choose(Number(range.value), false), {signal});
  range.addEventListener("change", () => choose(Number(range.value), true), {signal});
  const element = made("label", {});
  element.append(made("span", {textContent: name}), range, told);
  return {
    element,
    show(index) {
      range.value = String(index);
      range.ariaValueText = told.textContent = labels[index];
    }
  };
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} name
 * @param {object} properties
 */
const made = (name, properties) => Object.assign(document.createElement(name), properties);
