const TURNS = 3;
const STAY = 1600; // milliseconds; all turns together last less than five seconds, after which motion would need a button that stops it
const USES = ["pointerdown", "pointerover", "keydown", "focusin"];
const STILL = "(prefers-reduced-motion: reduce)";

/**
 * Whether an element says more than a number or a sign.
 * @param {Element} element
 */
export const spelled = ({textContent}) => /\p{L}{2}/u.test(textContent ?? "");

/**
 * The figure that opens a page goes once through some of its states, so that a reader sees that there is something to choose; whatever
 * the reader does with it ends that. None where motion is unwelcome, or where the address asks for a state.
 * @param {HTMLElement} root
 * @param {number[]} values of the state
 * @param {{put: (value: number) => void, rest: () => void}} state
 * @param {AbortSignal} signal
 */
export function followTurn(root, values, {put, rest}, signal) {
  if (!root.closest(".ld-hero") || root.closest("[data-computed]")) return; // an answer to the reader is known to be one
  const figure = root.closest("figure") ?? root;
  const turn = new AbortController();
  invite(root, figure, signal);
  if (location.hash || values.length < TURNS || matchMedia(STILL).matches) return;
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const live = root.querySelector(".ld-live");
  let at = 0;
  live?.setAttribute("aria-live", "off"); // nobody asked for what is said meanwhile

  function end() {
    clearTimeout(timer);
    turn.abort();
    root.removeAttribute("data-turning");
    live?.removeAttribute("aria-live");
  }
  function step() {
    timer = setTimeout(step, STAY);
    at += 1;
    if (at <= TURNS) put(values[Math.floor(at * (values.length - 1) / TURNS)]);
    else {
      end();
      rest();
    }
  }
  for (const use of USES) figure.addEventListener(use, () => (end(), rest()), {signal: turn.signal, capture: true});
  window.addEventListener("beforeprint", () => (end(), rest()), {signal: turn.signal});
  signal.addEventListener("abort", end);
  root.setAttribute("data-turning", "");
  timer = setTimeout(step, STAY);
}

/**
 * Mark the first word, or name of a line, that can be chosen, until something was.
 * @param {HTMLElement} root
 * @param {HTMLElement} figure
 * @param {AbortSignal} signal
 */
function invite(root, figure, signal) {
  const all = [...root.querySelectorAll("[data-target]:not([data-chosen]), .ld-name")];
  const first = all.find(spelled) ?? all[0];
  first?.setAttribute("data-invites", "");
  for (const use of ["pointerdown", "keydown"]) figure.addEventListener(use, () => first?.removeAttribute("data-invites"), {signal});
}
