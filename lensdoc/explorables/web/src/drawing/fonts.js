/**
 * The page's own fonts that a drawing uses, as rules of a style sheet with the files within. None where the page may not read them, as
 * one that was opened as a file; programs then take the next family of each list.
 * @param {string} families
 * @returns {Promise<string>}
 */
export async function fontFaces(families) {
  const loaded = new Set([...document.fonts].filter((face) => face.status === "loaded").map((face) => key(face.family, face.style, face.unicodeRange)));
  const faces = [...document.styleSheets].flatMap((sheet) => rulesOf(sheet).map((rule) => ({rule, base: sheet.href ?? document.baseURI})));
  const texts = await Promise.all(faces.map(({rule, base}) => {
    const {style} = rule;
    const family = style.getPropertyValue("font-family");
    const known = key(family, style.getPropertyValue("font-style") || "normal", style.getPropertyValue("unicode-range") || "U+0-10FFFF");
    return families.includes(bare(family)) && loaded.has(known) ? contained(rule, base) : "";
  }));
  return texts.join("");
}

/** @param {string[]} parts */
const key = (...parts) => parts.map(bare).join().toLowerCase();

/** @param {string} name */
const bare = (name) => name.replace(/["']/g, "").trim();

/**
 * @param {CSSStyleSheet} sheet
 * @returns {CSSFontFaceRule[]}
 */
function rulesOf(sheet) {
  try {
    return [...sheet.cssRules].filter((rule) => rule instanceof CSSFontFaceRule);
  } catch {
    return []; // a page opened from a file may not read style sheets of other files
  }
}

/**
 * @param {CSSFontFaceRule} rule
 * @param {string} base
 */
async function contained(rule, base) {
  const address = /url\("?([^")]+)/.exec(rule.style.getPropertyValue("src"))?.[1];
  if (!address) return "";
  try {
    const file = await (await fetch(new URL(address, base))).blob();
    return rule.cssText.replace(/url\("?[^")]+"?\)/, `url("${await dataUrl(file)}")`);
  } catch {
    return "";
  }
}

/**
 * @param {Blob} file
 * @returns {Promise<string>}
 */
function dataUrl(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
