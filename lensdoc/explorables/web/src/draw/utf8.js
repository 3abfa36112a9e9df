// Text as bytes and back, where bytes need not be whole characters: as Python's `surrogateescape`, one code unit stands for a stray byte.

/**
 * The bytes of a text in UTF-8; half of a surrogate pair has bytes of its own, and a stray byte is itself where `escaped` says so.
 * @param {string} text
 * @param {boolean} [escaped]
 */
export function encoded(text, escaped = false) {
  /** @type {number[]} */
  const bytes = [];
  for (const character of text) {
    const code = /** @type {number} */ (character.codePointAt(0));
    if (escaped && isStray(code)) bytes.push(code - 0xdc00);
    else if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | code >> 6, tail(code));
    else if (code < 0x10000) bytes.push(0xe0 | code >> 12, tail(code >> 6), tail(code));
    else bytes.push(0xf0 | code >> 18, tail(code >> 12), tail(code >> 6), tail(code));
  }
  return bytes;
}

/** @param {number} code */
const tail = (code) => 0x80 | (code & 0x3f);

/** @param {number} code of a character */
export const isStray = (code) => code >= 0xdc80 && code <= 0xdcff;

/**
 * The text of bytes.
 * @param {number[]} bytes
 */
export function decoded(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = lengthAt(bytes, at);
    text += length ? String.fromCodePoint(codeAt(bytes, at, length)) : String.fromCharCode(0xdc00 + bytes[at]);
    at += length || 1;
  }
  return text;
}

/**
 * How many bytes the character has that begins here; 0 where none does.
 * @param {number[]} bytes
 * @param {number} at
 */
function lengthAt(bytes, at) {
  const first = bytes[at];
  const length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  for (let i = 1; i < length; i++) if ((bytes[at + i] & 0xc0) !== 0x80) return 0;
  const code = length ? codeAt(bytes, at, length) : 0;
  const least = [0, 0, 0x80, 0x800, 0x10000][length];
  return code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : length;
}

/**
 * @param {number[]} bytes
 * @param {number} at
 * @param {number} length
 */
function codeAt(bytes, at, length) {
  let code = length === 1 ? bytes[at] : bytes[at] & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) code = code << 6 | (bytes[at + i] & 0x3f);
  return code;
}

/** @param {string} hex */
export const unhex = (hex) => (hex.match(/../g) ?? []).map((two) => parseInt(two, 16));
