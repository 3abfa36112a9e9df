// Text to tokens and back, as lensdoc reads them in Python: no token is added, and each has its exact text.
import {Tokenizer} from "@huggingface/tokenizers";
import {Refusal} from "./files.js";

/**
 * @typedef {object} TokenizerFile
 * @property {any} tokenizer tokenizer.json
 * @property {any} config
 * @property {string[]} texts of all tokens
 * @property {Record<string, string>} bytes of tokens that are not whole UTF-8, in hexadecimal, by id
 * @property {number} rows tokens that the model knows
 */

/** @typedef {{id: number, text: string, kind: "input" | "output", bytes?: string}} Token */

export class Texts {
  /** @param {Uint8Array} content */
  constructor(content) {
    /** @type {TokenizerFile} */
    this.file = JSON.parse(new TextDecoder().decode(content));
    this.tokenizer = new Tokenizer(this.file.tokenizer, this.file.config);
    this.file.tokenizer = null;
  }

  /**
   * @param {string} text
   * @param {number} longest
   * @returns {number[]}
   */
  ids(text, longest) {
    if (/\p{Surrogate}/u.test(text)) throw new Refusal("The text holds half of a character, which is no text; type it again.");
    const ids = text ? this.tokenizer.encode(text, {add_special_tokens: false}).ids : [];
    if (!ids.length) throw new Refusal("Type a text: the model continues what it is given.");
    if (ids.length >= longest) throw new Refusal(`The text has ${ids.length} tokens, and the model reads ${longest} with those that it writes; shorten it.`);
    const unknown = ids.findIndex((id) => id >= this.file.rows);
    if (unknown >= 0) throw new Refusal("The text holds a token that the model does not know; type another text.");
    return ids;
  }

  /**
   * @param {number[]} ids
   * @param {number} given how many were given, and not produced
   * @returns {Token[]}
   */
  tokens(ids, given) {
    const tokens = ids.map((id, position) => this.token(id, position < given ? "input" : "output"));
    // Some vocabularies put a space of their own before a text.
    if (tokens[0].text.startsWith(" ") && !this.tokenizer.decode(ids).startsWith(" ")) tokens[0].text = tokens[0].text.slice(1);
    return tokens;
  }

  /**
   * @param {number} id
   * @param {"input" | "output"} kind
   * @returns {Token}
   */
  token(id, kind) {
    const bytes = this.file.bytes[id];
    return {id, kind, text: this.file.texts[id] ?? `<unused ${id}>`, ...(bytes ? {bytes} : {})};
  }
}
