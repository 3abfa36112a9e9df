import {figureSvg} from "./svg.js";

const SAID = 3000;

/** What the buttons of a figure's footer do; one listener for all figures of all pages that come by instant navigation. */
export function serveButtons() {
  document.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest?.("button[data-does]");
    if (button instanceof HTMLButtonElement) void serve(button);
  });
}

/** @param {HTMLButtonElement} button */
async function serve(button) {
  const said = /** @type {HTMLElement} */ (button.nextElementSibling);
  said.textContent = await (button.dataset.does === "copy" ? copied(button) : saved(button));
  setTimeout(() => { said.textContent = ""; }, SAID);
}

/** @param {HTMLButtonElement} button */
async function copied(button) {
  const code = /** @type {HTMLElement} */ (button.closest("p")?.querySelector("code"));
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
    return "Copied.";
  } catch {
    getSelection()?.selectAllChildren(code); // pages that were opened as files may not write to the clipboard
    return "Selected: copy it with your keyboard.";
  }
}

/** @param {HTMLButtonElement} button */
function saved(button) {
  const figure = /** @type {HTMLElement} */ (button.closest("figure"));
  const drawing = /** @type {HTMLElement} */ (figure.firstElementChild);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([figureSvg(drawing)], {type: "image/svg+xml"}));
  link.download = `${button.dataset.name}.svg`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SAID);
  return "Saved.";
}
