import {words} from "./texts.js";

/**
 * The label below a token.
 * @param {Element} token
 * @param {Element} into
 * @param {number} left
 * @param {number} top
 */
export function generated(token, into, left, top) {
  const box = token.getClientRects()[0];
  if (!box) return;
  const label = getComputedStyle(token, "::before");
  const said = /^"(.+)"$/.exec(label.content);
  if (said) {
    const {direction, paddingLeft, paddingRight, lineHeight} = getComputedStyle(token);
    const half = label.textAlign === "center" ? parseFloat(label.width) / 2 : 0;
    const x = direction === "rtl"
      ? box.right - parseFloat(paddingRight) - parseFloat(label.marginRight) - half
      : box.x + parseFloat(paddingLeft) + parseFloat(label.marginLeft) + half;
    const above = box.y + (box.height - parseFloat(lineHeight)) / 2; // where the line begins: the label is placed from there
    const y = above + parseFloat(label.marginTop) + 0.88 * parseFloat(label.fontSize);
    const made = words(said[1], x - left, y - top, label);
    made.setAttribute("text-anchor", half ? "middle" : direction === "rtl" ? "end" : "start");
    into.append(made);
  }
}
