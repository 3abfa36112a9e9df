/**
 * On a narrow screen the lines stand above the text that they tint, often out of view: the pinned one stays at the top of the text, with
 * buttons that lead to the one before and the next. The style sheet shows it only where lines and text stand below each other.
 * @param {import("./rows.js").Figure} figure
 * @param {(row: number) => void} pin
 * @param {AbortSignal} signal
 * @returns {(row: number | null) => void} shows a line, or none
 */
export function followStrip({root, rows}, pin, signal) {
  const strip = Object.assign(document.createElement("div"), {className: "ld-strip", hidden: true});
  const lines = root.querySelector(".ld-panels > .ld-sparklines");
  /** @type {number | null} */
  let shown = null;
  /** @param {number} step @param {string} name @param {string} sign */
  const button = (step, name, sign) => {
    const made = Object.assign(document.createElement("button"), {type: "button", ariaLabel: name, textContent: sign});
    made.addEventListener("click", () => shown !== null && pin((shown + step + rows.length) % rows.length));
    return made;
  };
  const place = document.createElement("div");
  strip.append(button(-1, "Line before", "↑"), place, button(1, "Next line", "↓"));
  lines?.after(strip);
  signal.addEventListener("abort", () => strip.remove());
  return (row) => {
    if (row === shown || root.closest("[data-turning], .ld-steps")) return; // nobody chose what an opening figure turns to, or what steps show of one that stays in view
    const first = shown === null;
    shown = row;
    strip.hidden = row === null;
    place.replaceChildren();
    if (row === null || !strip.offsetParent) return; // lines and text may stand beside each other
    const copy = /** @type {HTMLElement} */ (rows[row].cloneNode(true));
    for (const name of ["data-factor", "role", "tabindex", "aria-label", "aria-pressed"]) copy.removeAttribute(name);
    copy.querySelector("[data-invites]")?.removeAttribute("data-invites");
    copy.ariaHidden = "true";
    place.append(copy);
    const text = strip.nextElementSibling?.getBoundingClientRect();
    // What is tinted must be in view; it is brought there once, when the first line is chosen.
    if (first && text && text.top > innerHeight * 0.75) strip.scrollIntoView({block: "center", behavior: "instant"});
  };
}
