// What follows from a move of the pointer is shown once, after the last of its events, and laid out there and then. Browsers hand these
// events over as a frame begins: what waits for a frame has them begin another one, and so has a layout at the end of this one, since
// they look once more what is under the pointer.

/** @type {Set<() => void>} */
const acts = new Set();
let timer = 0, frame = 0, follows = false;

/**
 * Act once the events of a move of the pointer are over, or soon where none comes, as when what is under it changed; else in the next frame.
 * @param {() => void} act
 */
export function afterMove(act) {
  if (!follows) window.addEventListener("pointermove", () => run() && document.documentElement.offsetHeight);
  follows = true;
  acts.add(act);
  cancel();
  if (window.event?.type.startsWith("pointer")) timer = setTimeout(run);
  else frame = requestAnimationFrame(run);
}

/** @param {() => void} act that is not to happen any more */
export function dismiss(act) {
  acts.delete(act);
}

function cancel() {
  clearTimeout(timer);
  cancelAnimationFrame(frame);
}

/** What is added meanwhile is done as well. */
function run() {
  const any = acts.size > 0;
  cancel();
  for (const act of acts) {
    acts.delete(act);
    act();
  }
  return any;
}
