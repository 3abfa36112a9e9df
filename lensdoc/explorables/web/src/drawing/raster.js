const SCALE = 2;
const MOST_PIXELS = 16_000_000; // what every browser draws

/**
 * The drawing as PNG with two pixels for each of the page, fewer above `MOST_PIXELS`.
 * @param {{text: string, width: number, height: number}} svg
 * @returns {Promise<Blob | null>}
 */
export async function raster({text, width, height}) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`; // the content security policy of our pages allows no blob: addresses
  await image.decode();
  const scale = Math.min(SCALE, Math.sqrt(MOST_PIXELS / (width * height)));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.floor(width * scale), Math.floor(height * scale)];
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => { canvas.toBlob(resolve); });
}
