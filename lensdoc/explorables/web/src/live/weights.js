// Weights as they are sent, unpacked into float32: 16 bits each, or the blocks of .gguf files, as `lensdoc.live` packs them.
import {half} from "../halves.js";

/**
 * @typedef {object} Weight
 * @property {string} name
 * @property {number[]} shape
 * @property {string} encoding
 * @property {number} start place of the first byte among those of all parts
 * @property {number} bytes
 */

/** @typedef {(bytes: Uint8Array, values: Float32Array) => void} Unpack */

/** All halves as numbers: 65,536 of them, made once. */
const halves = (() => {
  /** @type {Float32Array | undefined} */
  let table;
  return () => table ??= Float32Array.from({length: 65536}, (_, bits) => half(bits));
})();

/** @type {Record<string, Unpack>} */
const UNPACK = {
  float32(bytes, values) {
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(bytes);
  },
  float16(bytes, values) {
    const table = halves();
    for (let i = 0, at = 0; i < values.length; i++, at += 2) values[i] = table[bytes[at] | bytes[at + 1] << 8];
  },
  bfloat16(bytes, values) {
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (let i = 0, at = 0; i < values.length; i++, at += 2) bits[i] = (bytes[at] | bytes[at + 1] << 8) << 16;
  },
  /** Half the scale, then 16 bytes: the low halves are the first 16 values, the high ones the others; 8 is zero. */
  Q4_0(bytes, values) {
    const table = halves();
    for (let i = 0, at = 0; i < values.length; i += 32, at += 18) {
      const scale = table[bytes[at] | bytes[at + 1] << 8];
      for (let j = 0; j < 16; j++) {
        const byte = bytes[at + 2 + j];
        values[i + j] = scale * ((byte & 15) - 8);
        values[i + j + 16] = scale * ((byte >> 4) - 8);
      }
    }
  },
  /** Scale and least value, then as Q4_0. Each step is rounded to 32 bits, as in the library gguf. */
  Q4_1(bytes, values) {
    const table = halves();
    for (let i = 0, at = 0; i < values.length; i += 32, at += 20) {
      const scale = table[bytes[at] | bytes[at + 1] << 8], least = table[bytes[at + 2] | bytes[at + 3] << 8];
      for (let j = 0; j < 16; j++) {
        const byte = bytes[at + 4 + j];
        values[i + j] = Math.fround(scale * (byte & 15)) + least;
        values[i + j + 16] = Math.fround(scale * (byte >> 4)) + least;
      }
    }
  },
  Q8_0(bytes, values) {
    const table = halves();
    for (let i = 0, at = 0; i < values.length; i += 32, at += 34) {
      const scale = table[bytes[at] | bytes[at + 1] << 8];
      for (let j = 0; j < 32; j++) values[i + j] = scale * (bytes[at + 2 + j] << 24 >> 24);
    }
  }
};

/** @param {Weight} weight */
export const count = (weight) => weight.shape.reduce((a, b) => a * b, 1);

/**
 * The file with all weights in float32, one after the other, of which ONNX Runtime takes each once. It is never made as a whole, which
 * would be as large as the model: a weight is unpacked when it is taken.
 */
export class WeightsFile extends Uint8Array {
  /**
   * @param {Weight[]} weights in the order of their places
   * @param {Uint8Array<ArrayBuffer>[]} parts
   */
  constructor(weights, parts) {
    super(0);
    this.parts = parts;
    this.size = 0;
    /** @type {Map<number, Weight>} first byte of each weight in this file */
    this.starts = new Map();
    for (const weight of weights) {
      this.starts.set(this.size, weight);
      this.size += 4 * count(weight);
    }
    this.unpacked = new Float32Array(Math.max(...weights.map(count)));
    this.left = weights.length;
  }

  get byteLength() {
    return this.size;
  }

  /**
   * @param {number} begin
   * @param {number} end
   */
  subarray(begin, end) {
    const weight = this.starts.get(begin);
    if (!weight || end - begin !== 4 * count(weight)) throw new Error(`no weight has the bytes ${begin} to ${end}`);
    const values = this.unpacked.subarray(0, count(weight)); // which is copied before the next is asked for
    UNPACK[weight.encoding](bytesOf(this.parts, weight.start, weight.bytes), values);
    const bytes = new Uint8Array(values.buffer, 0, values.byteLength);
    return --this.left ? bytes : this.freed(bytes.slice());
  }

  /**
   * The last weight, once the memory of the others is given back: at once, where a browser can, before ONNX Runtime takes more of it.
   * @param {Uint8Array<ArrayBuffer>} last
   */
  freed(last) {
    for (const {buffer} of [this.unpacked, ...this.parts]) /** @type {{transfer?: (size: number) => unknown}} */ (buffer).transfer?.(0);
    return last;
  }
}

/**
 * Bytes of parts that stand one after the other; a copy where they cross a border.
 * @param {Uint8Array<ArrayBuffer>[]} parts
 * @param {number} start
 * @param {number} length
 */
function bytesOf(parts, start, length) {
  const bytes = new Uint8Array(length);
  let done = 0, before = 0;
  for (const part of parts) {
    const from = Math.max(start - before, 0), to = Math.min(start + length - before, part.length);
    if (from === start - before && to - from === length) return part.subarray(from, to);
    if (from < to) {
      bytes.set(part.subarray(from, to), done);
      done += to - from;
    }
    before += part.length;
  }
  return bytes;
}
