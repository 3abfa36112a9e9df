// What was written until now, shown while the reader waits. Each time it is shown the browser lays out and paints the page, with work that
// the engine waits for on a machine of two cores: an answer that comes within a moment is not told in parts, and others a few times a second.

const MOMENT = 300, EVERY = 100; // milliseconds

/** @param {{counted: (tokens: number) => void, written: (text: string) => void}} ui */
export function progress(ui) {
  let timer = 0, count = 0, text = "";
  const show = () => {
    timer = 0;
    if (count) ui.counted(count);
    if (text) ui.written(text);
  };
  const later = (/** @type {number} */ milliseconds) => (timer ||= window.setTimeout(show, milliseconds));
  const stop = () => {
    clearTimeout(timer);
    timer = 0;
  };
  return {
    begin() {
      stop();
      count = 0;
      text = "";
      later(MOMENT);
    },
    /** @param {number} tokens */
    given(tokens) {
      count = tokens;
      later(EVERY);
    },
    /** @param {string} more */
    token(more) {
      text += more;
      later(EVERY);
    },
    /** Nothing more is written; the number of the given tokens stays. */
    end() {
      stop();
      if (count) ui.counted(count);
    }
  };
}
