// Signed 8-bit codes as a PNG image that stands in the page itself. lensdoc/explorables/images.py makes one of the same pixels, which it
// compresses: here nothing is to be sent.
import sizes from "../../../sizes.json" with {type: "json"};
import {decimal, general} from "./formats.js";
import {base64Of} from "./halves.js";

const {positive: POSITIVE, negative: NEGATIVE, code: LARGEST} = sizes.heat;
const MOST_STORED = 65535, FILTER = Uint8Array.of(0); // none, before each line

/**
 * Address of an image with a pixel for each code, from -127 to 127 in two's complement.
 * @param {Uint8Array<ArrayBuffer>[]} rows
 */
export function heatImage(rows) {
  const [colours, alphas] = palette(rows.some((row) => row.some((code) => code > LARGEST)));
  const pixels = joined(rows.flatMap((row) => [FILTER, row]));
  const size = [...number(rows[0].length), ...number(rows.length), 8, 3, 0, 0, 0];
  const chunks = [chunk("IHDR", size), chunk("PLTE", colours), chunk("tRNS", alphas), chunk("IDAT", stored(pixels)), chunk("IEND", [])];
  return `data:image/png;base64,${base64Of(joined([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), ...chunks]))}`;
}

/**
 * The colours from `low`, which is 0 or less, to `high`, as deep as in the image, where `scale` is the deepest.
 * @param {number} low
 * @param {number} high
 * @param {number} scale
 */
export function heatRamp(low, high, scale) {
  const below = Math.abs(low) / (scale || 1), above = high / (scale || 1);
  const zero = low < high ? below / (below + above) : 0;
  const [first, last] = [[NEGATIVE, below], [POSITIVE, above]].map(([rgb, depth]) => `rgb(${/** @type {number[]} */ (rgb).join(" ")} / ${general(/** @type {number} */ (depth), 4)})`);
  return `linear-gradient(to right, ${first}, transparent ${decimal(100 * zero, 2)}%, ${last})`;
}

/**
 * Colours and alphas by the byte of a code; half of them where no code is negative.
 * @param {boolean} negative
 */
function palette(negative) {
  const codes = Array.from({length: negative ? 256 : LARGEST + 1}, (_, byte) => (byte <= LARGEST ? byte : Math.max(byte - 256, -LARGEST)));
  const alphas = codes.map((code) => 2 * Math.abs(code) + (Math.abs(code) === LARGEST ? 1 : 0));
  return [codes.flatMap((code) => (code < 0 ? NEGATIVE : POSITIVE)), alphas];
}

/** @param {number} value */
const number = (value) => [value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255];

/**
 * @param {string} kind
 * @param {ArrayLike<number>} data
 */
function chunk(kind, data) {
  const made = new Uint8Array(data.length + 12), end = data.length + 8;
  made.set(number(data.length));
  made.set([...kind].map((letter) => letter.charCodeAt(0)), 4);
  made.set(data, 8);
  made.set(number(crc(made.subarray(4, end))), end);
  return made;
}

/**
 * Bytes as zlib holds them uncompressed.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
function stored(bytes) {
  const blocks = [Uint8Array.of(0x78, 0x01)];
  for (let at = 0; at < bytes.length; at += MOST_STORED) {
    const part = bytes.subarray(at, at + MOST_STORED), size = part.length;
    blocks.push(Uint8Array.of(at + size === bytes.length ? 1 : 0, size & 255, size >> 8, ~size & 255, ~size >> 8 & 255), part);
  }
  return joined([...blocks, Uint8Array.from(number(adler(bytes)))]);
}

/** @param {Uint8Array<ArrayBuffer>[]} parts */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Uint8Array} bytes */
function adler(bytes) {
  let a = 1, b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

const TABLE = Int32Array.from({length: 256}, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ value >>> 1 : value >>> 1;
  return value;
});

/** @param {Uint8Array} bytes */
function crc(bytes) {
  let value = -1;
  for (const byte of bytes) value = TABLE[(value ^ byte) & 255] ^ value >>> 8;
  return ~value >>> 0;
}
