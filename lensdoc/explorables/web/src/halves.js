/**
 * One 16-bit floating point number (IEEE 754, little-endian) of an array in base64; only its own bytes are decoded.
 * @param {string} base64
 * @param {number} index
 */
export function halfAt(base64, index) {
  const byte = 2 * index;
  const first = Math.floor(byte / 3);
  const bytes = atob(base64.slice(4 * first, 4 * first + 8));
  const at = byte - 3 * first;
  const bits = bytes.charCodeAt(at) | bytes.charCodeAt(at + 1) << 8;
  const exponent = bits >> 10 & 31;
  const fraction = bits & 1023;
  const size = exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24;
  return bits >> 15 ? -size : size;
}
