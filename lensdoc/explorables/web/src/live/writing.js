// What a model writes: one pass for what is given, and for each further token a pass over that token alone, where the graph can go on from
// the keys and values of the tokens before it.

/** @typedef {import("./model.js").Model} Model */

export class Writer {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    /** @type {number[]} the tokens that were read last */
    this.ids = [];
    this.rows = new Float32Array();
  }

  /**
   * Logits of the token that follows a text. What the text has in common with the last one is not read again.
   * @param {number[]} ids
   * @returns {Promise<Float32Array>}
   */
  async next(ids) {
    const {row} = this.model;
    if (!row) return (await this.model.run({ids})).next.data;
    let known = 0;
    while (known < Math.min(this.ids.length, ids.length - 1) && this.ids[known] === ids[known]) known++;
    const {next, present} = await this.model.run({ids: ids.slice(known), past: this.rows.subarray(0, known * row), cache: true});
    if (this.rows.length < ids.length * row) this.grow(2 * ids.length * row, known * row);
    this.rows.set(present.data, known * row);
    this.ids = [...ids];
    return next.data;
  }

  /**
   * @param {number} size
   * @param {number} kept numbers that are kept
   */
  grow(size, kept) {
    const rows = new Float32Array(size);
    rows.set(this.rows.subarray(0, kept));
    this.rows = rows;
  }
}
