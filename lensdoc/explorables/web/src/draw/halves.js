// 16-bit floating point numbers (IEEE 754, little-endian) as base64: what records and figures of activations hold.
import {half} from "../halves.js";

/**
 * To the nearest whole number, halves to even.
 * @param {number} value
 */
export function even(value) {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2 ? 1 : 0) : Math.round(value);
}

const READ = new DataView(new ArrayBuffer(8));

/**
 * The exponent of a number as `frexp` tells it: the number is from a half to one, times two to this power.
 * @param {number} value from 2^-1022
 */
export function exponentOf(value) {
  READ.setFloat64(0, value);
  return (READ.getUint16(0) >> 4 & 2047) - 1022;
}

/** @param {number[]} values below 2^15 in size */
export function encodeHalves(values) {
  const bytes = new Uint8Array(2 * values.length), view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setUint16(2 * i, halfOf(value), true));
  return base64Of(bytes);
}

/** @param {number} value */
function halfOf(value) {
  const size = Math.abs(value), sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const exponent = size ? Math.max(exponentOf(size) - 1, -14) : -14;
  return sign | (even(size / 2 ** (exponent - 10)) + (exponent + 14) * 1024);
}

/** @param {string} base64 */
export function decodeHalves(base64) {
  const view = new DataView(bytesOf(base64).buffer);
  return Float64Array.from({length: view.byteLength / 2}, (_, i) => half(view.getUint16(2 * i, true)));
}

/** @param {string} base64 */
export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** @param {Uint8Array} bytes */
export function base64Of(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
