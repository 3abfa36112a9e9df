import {load} from "./beside.js";
import {addressOf} from "./states.js";

const SAID = 3000;

/** @returns {Promise<typeof import("./drawing.js")>} */
const drawing = () => load(`drawing.js?${DRAWING}`, "lensdocDrawing");

/** What the buttons in what a figure's line opens do; one listener for all figures of all pages that come by instant navigation. */
export function serveButtons() {
  document.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest?.("button[data-does]");
    if (button instanceof HTMLButtonElement) void serve(button);
  });
}

/** @param {HTMLButtonElement} button */
async function serve(button) {
  const said = /** @type {HTMLElement} */ (button.nextElementSibling);
  const does = button.dataset.does === "copy" ? copied : saved;
  said.textContent = await does(button);
  setTimeout(() => { said.textContent = ""; }, SAID);
}

/** @param {HTMLButtonElement} button */
async function copied(button) {
  const code = /** @type {HTMLElement} */ (button.closest("p")?.querySelector("code"));
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
    return "Copied.";
  } catch {
    getSelection()?.selectAllChildren(code); // a page opened from a file may not write to the clipboard
    return "Selected: copy it with your keyboard.";
  }
}

/**
 * Put the address of the figure in its current state into the address bar, and, if the browser allows it, on the clipboard.
 * @param {HTMLElement} figure
 * @returns {Promise<string>} what was done
 */
export async function linked(figure) {
  history.replaceState(history.state, "", addressOf(figure));
  try {
    await navigator.clipboard.writeText(location.href);
    return "Copied; the address bar has it too.";
  } catch {
    return "It is in the address bar.";
  }
}

/** @param {HTMLButtonElement} button */
async function saved(button) {
  const figure = /** @type {HTMLElement} */ (button.closest("figure"));
  const type = button.dataset.does;
  const loaded = await drawing().catch(() => null);
  if (!loaded) return "What draws it could not be loaded; try again.";
  const {figureSvg, raster} = loaded;
  const svg = await figureSvg(/** @type {HTMLElement} */ (figure.firstElementChild));
  const file = type === "png" ? await raster(svg) : new Blob([svg.text], {type: "image/svg+xml"});
  if (!file) return "The browser could not draw it.";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `${button.dataset.name}.${type}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SAID);
  return "Saved.";
}
