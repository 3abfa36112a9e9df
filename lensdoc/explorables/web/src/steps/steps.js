import {roving, showState} from "../shared.js";

/** Where a step counts as reached: share of the window, or of what the figure leaves of it. */
const BESIDE = 0.4, BELOW = 0.5;
/** Pixels by which a button brings its step beyond that. */
const NEAR = 12;
const STILL = "(prefers-reduced-motion: reduce)";

/**
 * A figure that stays in view beside, or above, the steps of a text: the step that the reader has reached puts it into its state. Each
 * step has a button that does so too, and leads there; the buttons are one stop of the Tab key.
 * @param {HTMLElement} root
 * @param {unknown} _ the steps have their states
 * @param {AbortSignal} signal
 */
export function stepsView(root, _, signal) {
  const figure = /** @type {HTMLElement} */ (root.querySelector("figure"));
  const stages = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".ld-stage")]);
  if (!figure || !stages.length) return;
  const live = figure.querySelector(".ld-live");
  const buttons = stages.map((stage, i) => buttonOf(stage, i, stages.length));
  const focus = roving(buttons, signal);
  /** Which step the figure shows; -1 before the first, and nothing until the page was scrolled. @type {number | undefined} */
  let current;

  /** @param {number} index @param {boolean} asked by a button: it is said */
  function show(index, asked) {
    if (index === current && !asked) return;
    current = index;
    if (asked) live?.removeAttribute("aria-live");
    else live?.setAttribute("aria-live", "off"); // who scrolls reads the step
    root.setAttribute("data-stepping", "");
    stages.forEach((stage, i) => stage.toggleAttribute("data-current", i === index));
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === index)));
    showState(figure, stages[index]?.dataset.shows ?? "");
    requestAnimationFrame(() => reveal(figure));
  }

  /** How far from the top of the window a step counts as reached. */
  function line() {
    const {left, bottom} = figure.getBoundingClientRect();
    const beside = stages[0].getBoundingClientRect().left >= left + figure.offsetWidth;
    return beside ? innerHeight * BESIDE : bottom + Math.max(0, innerHeight - bottom) * BELOW;
  }

  /** The last step that is reached is shown, as long as the figure is in view. */
  function follow() {
    const {top, bottom} = figure.getBoundingClientRect(), at = line();
    if (bottom > 0 && top < innerHeight) show(stages.filter((stage) => stage.getBoundingClientRect().top < at).length - 1, false);
  }

  let frame = 0;
  window.addEventListener("scroll", () => { frame ||= requestAnimationFrame(() => { frame = 0; follow(); }); }, {passive: true, signal});
  // What the reader does in the figure is the reader's own state, with an address, until the next step is reached.
  for (const use of ["pointerdown", "keydown"]) {
    figure.addEventListener(use, () => (root.removeAttribute("data-stepping"), live?.removeAttribute("aria-live")), {capture: true, signal});
  }
  buttons.forEach((button, i) => button.addEventListener("click", () => {
    const top = stages[i].getBoundingClientRect().top - line() + NEAR;
    scrollBy({top, behavior: matchMedia(STILL).matches ? "instant" : "smooth"});
    show(i, true);
  }, {signal}));
  root.addEventListener("keydown", (event) => {
    const from = buttons.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    /** @type {Record<string, number>} */
    const moves = {ArrowDown: from + 1, ArrowRight: from + 1, ArrowUp: from - 1, ArrowLeft: from - 1, Home: 0, End: buttons.length - 1};
    if (from < 0 || !(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    focus(moves[event.key]);
  }, {signal});
  signal.addEventListener("abort", () => {
    cancelAnimationFrame(frame);
    for (const button of buttons) button.remove();
    for (const stage of stages) stage.removeAttribute("data-current");
    root.removeAttribute("data-stepping");
  });
}

/**
 * Where a figure is higher than its room, on small screens, it is scrolled to what a step changes.
 * @param {HTMLElement} figure
 */
function reveal(figure) {
  const changed = figure.querySelector("[data-pinned], .ld-row[aria-pressed='true']") ?? figure.querySelector("[data-chosen]");
  if (!changed || figure.scrollHeight <= figure.clientHeight) return;
  const {top, bottom} = changed.getBoundingClientRect(), room = figure.getBoundingClientRect();
  if (top < room.top || bottom > room.bottom) figure.scrollTop += (top + bottom - room.top - room.bottom) / 2;
}

/**
 * @param {HTMLElement} stage
 * @param {number} index
 * @param {number} count
 */
function buttonOf(stage, index, count) {
  const button = Object.assign(document.createElement("button"), {type: "button", className: "ld-show", textContent: String(index + 1)});
  button.ariaLabel = `Step ${index + 1} of ${count}: show it in the figure`;
  button.ariaPressed = "false";
  stage.prepend(button);
  return button;
}
