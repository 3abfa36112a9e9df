const ACTS = ["wheel", "touchstart", "keydown", "pointerdown"];
const STILL = 20; // frames without a move, after which what is before a place has its height
const MOST = 180; // frames
const ABOVE = 3; // screens before a place that are laid out on the way there

/**
 * Keep the place to which a link of the page led where it is, while figures before it are made, until the reader does something.
 * @param {Element} target
 * @param {Event} event by which the browser goes there, unless another part of the page takes it for its own
 */
export function stayAt(target, event) {
  const done = new AbortController(), {signal} = done;
  const parts = partsBefore(target);
  show(parts, "visible");
  signal.addEventListener("abort", () => show(parts, ""));
  for (const act of ACTS) window.addEventListener(act, () => done.abort(), {signal, capture: true, passive: true});
  let still = 0, frames = 0, address = "";
  const look = () => {
    const before = scrollY;
    address ||= location.href; // which Back changes
    if (signal.aborted || event.defaultPrevented || !target.isConnected || location.href !== address) return done.abort();
    target.scrollIntoView({behavior: "instant"});
    still = scrollY === before && !parts.some((part) => part.querySelector("[data-waits]")) ? still + 1 : 0;
    if (still < STILL && ++frames < MOST) requestAnimationFrame(look);
    else done.abort();
  };
  requestAnimationFrame(() => requestAnimationFrame(look)); // the browser goes first
}

/**
 * What stands before a place, and is laid out while it is held: what was never near the view has the height that was guessed for it, and
 * browsers keep the true one once they know it. Otherwise the text would move when the reader goes back through it.
 * @param {Element} target
 */
function partsBefore(target) {
  const parts = /** @type {HTMLElement[]} */ ([]);
  let part = target.closest(".md-typeset > *"), room = ABOVE * innerHeight;
  while (room > 0 && part) {
    if (!part.contains(target)) room -= part.getBoundingClientRect().height;
    parts.push(/** @type {HTMLElement} */ (part), .../** @type {NodeListOf<HTMLElement>} */ (part.querySelectorAll("figure.ld")));
    part = part.previousElementSibling;
  }
  return parts;
}

/**
 * @param {HTMLElement[]} parts
 * @param {string} contentVisibility
 */
function show(parts, contentVisibility) {
  for (const {style} of parts) style.contentVisibility = contentVisibility;
}
