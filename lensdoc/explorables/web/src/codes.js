const IDAT = 0x49444154;

/**
 * The codes that an image in the page holds: a byte in front of every row, then a signed one for each pixel.
 * @param {HTMLImageElement} image
 */
export async function codesOf(image) {
  const bytes = Uint8Array.from(atob(image.src.split(",")[1]), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  let chunk = 8;
  while (view.getUint32(chunk + 4) !== IDAT) chunk += 12 + view.getUint32(chunk);
  const pixels = new Blob([bytes.subarray(chunk + 8, chunk + 8 + view.getUint32(chunk))]);
  const stream = pixels.stream().pipeThrough(new DecompressionStream("deflate"));
  return new Int8Array(await new Response(stream).arrayBuffer());
}
