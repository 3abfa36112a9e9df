// What a model wrote last it often writes again: a text that is run once more, or goes on as the model had it. One pass over all of it
// tells whether it does, and is the pass that the figures need, in place of one for each token. Greedy text is the same either way.

/** @typedef {import("./passes.js").Passes} Passes */

/**
 * The tokens that may follow: those that followed the same text, or the same beginning of what was written.
 * @param {{ids: number[], given: number} | undefined} last the last answer
 * @param {number[]} ids
 * @param {number} given how many of them were given, and not written
 * @param {number} most
 * @param {number[]} ends tokens after which nothing is written
 */
export function guessed(last, ids, given, most, ends) {
  if (!last) return [];
  const begins = (/** @type {number[]} */ whole, /** @type {number[]} */ part) => part.every((id, i) => whole[i] === id);
  const wrote = last.ids.slice(last.given), written = ids.slice(given);
  const rest = begins(last.ids, ids) ? last.ids.slice(ids.length) : begins(wrote, written) ? wrote.slice(written.length) : [];
  const end = rest.findIndex((id) => ends.includes(id));
  return rest.slice(0, Math.min(most, end < 0 ? rest.length : end + 1));
}

/**
 * The tokens that the model writes of a guess, and the one that it writes where the guess is wrong.
 * @param {number[]} ids
 * @param {number} given
 * @param {number[]} guess
 * @param {(ids: number[]) => Promise<Passes>} look
 * @returns {Promise<{tokens: {id: number, prob: number}[], passes: Passes | undefined}>} the passes where all of the guess is right
 */
export async function checked(ids, given, guess, look) {
  const passes = await look([...ids, ...guess]), start = ids.length - given;
  const top = /** @type {Passes["top"][0]} */ (passes.top.at(-1)).slice(start, start + guess.length);
  const tokens = top.map(({ids: [id], probs: [prob]}) => ({id, prob}));
  const wrong = tokens.findIndex(({id}, i) => id !== guess[i]);
  return wrong < 0 ? {tokens, passes} : {tokens: tokens.slice(0, wrong + 1), passes: undefined};
}
