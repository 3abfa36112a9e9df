// Files of a live model: fetched when the reader asks, held against the hash that the record names, kept by the browser.

const CACHE = "lensdoc-live";

/** What cannot go on, in words for the reader. */
export class Refusal extends Error {}

/**
 * @typedef {object} Asked
 * @property {string} url
 * @property {number} size bytes as they are sent
 * @property {string} sha256
 */

/** Files that are loaded at once: while one comes, others are held against their hashes and unpacked. All at once would take their memory twice. */
const AT_ONCE = 3;

/**
 * The unpacked content of gzipped files, in their order, each as soon as it is there.
 * @param {Asked[]} files
 * @param {(done: number) => void} progress called with the bytes that have come of all
 * @param {AbortSignal} signal
 * @returns {Promise<Uint8Array<ArrayBuffer>>[]}
 */
export function fetchEach(files, progress, signal) {
  const come = files.map(() => 0);
  /** @type {Promise<Uint8Array<ArrayBuffer>>[]} */
  const found = [];
  files.forEach((file, i) => {
    const told = (/** @type {number} */ bytes) => {
      come[i] = bytes;
      progress(come.reduce((a, b) => a + b, 0));
    };
    found.push((async () => {
      await found[i - AT_ONCE]?.catch(() => {});
      signal.throwIfAborted();
      const packed = await packedContent(file, told, signal);
      told(file.size);
      return unpacked(packed, file.url);
    })());
  });
  return found;
}

/**
 * @param {Asked} file
 * @param {(come: number) => void} progress
 * @param {AbortSignal} signal
 */
async function packedContent(file, progress, signal) {
  const cache = await openCache();
  const key = `${file.url.split("?")[0]}?${file.sha256}`;
  const kept = await cache?.match(key);
  if (kept) {
    const content = new Uint8Array(await kept.arrayBuffer());
    if (await isWhole(content, file)) return content;
    await cache?.delete(key);
  }
  const content = await download(file, progress, signal);
  if (!await isWhole(content, file)) {
    throw new Refusal(`The file ${nameOf(file.url)} is damaged: it is not the one that the figure's data names. Load the page again later.`);
  }
  // Nothing waits for it; where there is no room the file is loaded again next time.
  cache?.put(key, new Response(content, {headers: {"Content-Type": "application/gzip"}})).catch(() => {});
  return content;
}

/**
 * @param {Asked} file
 * @param {(come: number) => void} progress
 * @param {AbortSignal} signal
 */
async function download(file, progress, signal) {
  const lost = `The file ${nameOf(file.url)} could not be loaded; is there a connection? Press the button to try again.`;
  /** @type {Response} */
  let response;
  try {
    response = await fetch(file.url, {signal, cache: "no-store"}); // whole ones are kept by hash; the browser may keep a damaged one
  } catch (error) {
    signal.throwIfAborted();
    throw new Refusal(lost, {cause: error});
  }
  if (response.status === 404) throw new Refusal("This site was built without the files of this model, so the figure shows its first state only.");
  if (!response.ok || !response.body) throw new Refusal(lost);
  const content = new Uint8Array(file.size);
  let come = 0;
  const reader = response.body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (come + part.value.length > file.size) return new Uint8Array(); // another file, which is told by its hash
      content.set(part.value, come);
      progress(come += part.value.length);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw new Refusal(lost, {cause: error});
  }
  return content.subarray(0, come);
}

/**
 * Pages that came without encryption have no hashes; there the size is looked at, and the check sum when it is unpacked.
 * @param {Uint8Array<ArrayBuffer>} content
 * @param {Asked} file
 */
async function isWhole(content, file) {
  if (content.length !== file.size) return false;
  if (!globalThis.crypto?.subtle) return true;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("") === file.sha256;
}

/**
 * @param {Uint8Array<ArrayBuffer>} content
 * @param {string} url
 */
async function unpacked(content, url) {
  try {
    const stream = new Blob([content]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw new Refusal(`The file ${nameOf(url)} is damaged and cannot be unpacked. Load the page again later.`, {cause: error});
  }
}

async function openCache() {
  try {
    return await globalThis.caches?.open(CACHE);
  } catch { // private windows of some browsers
    return undefined;
  }
}

/** @param {string} url */
const nameOf = (url) => new URL(url).pathname.split("/").pop();
