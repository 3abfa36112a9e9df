/**
 * The switch, where the figure has one, shows a label at each token.
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export function followSwitch(root, signal) {
  const box = /** @type {HTMLInputElement | null} */ (root.querySelector(".ld-labels"));
  if (!box) return;
  const mark = () => root.toggleAttribute("data-labelled", box.checked);
  box.addEventListener("change", mark, {signal});
  mark();
}
