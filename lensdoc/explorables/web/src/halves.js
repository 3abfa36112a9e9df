/**
 * The number that 16 bits stand for (IEEE 754 half precision).
 * @param {number} bits
 */
export function half(bits) {
  const exponent = bits >> 10 & 31, fraction = bits & 1023, sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24);
}

/**
 * One such number, little-endian, of an array in base64; only its own bytes are decoded.
 * @param {string} base64
 * @param {number} index
 */
export function halfAt(base64, index) {
  const byte = 2 * index;
  const first = Math.floor(byte / 3);
  const bytes = atob(base64.slice(4 * first, 4 * first + 8));
  const at = byte - 3 * first;
  return half(bytes.charCodeAt(at) | bytes.charCodeAt(at + 1) << 8);
}
