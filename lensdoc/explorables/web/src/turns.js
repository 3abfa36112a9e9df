/** @type {(() => void)[]} */
const acts = [];

/**
 * Act in a task of its own, after those that were asked for before: what comes near the view at once keeps no reader waiting for all of it.
 * @param {() => void} act
 */
export function inTurn(act) {
  if (acts.push(act) === 1) setTimeout(next);
}

function next() {
  try {
    acts[0]();
  } finally {
    acts.shift();
    if (acts.length) setTimeout(next);
  }
}
