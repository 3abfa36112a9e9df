import {CLEAR, paint, rect} from "./shapes.js";
import {words} from "./texts.js";

/**
 * The bar above a token (`::after`) and the label below it (`::before`).
 * @param {Element} token
 * @param {Element} into
 * @param {number} left
 * @param {number} top
 */
export function generated(token, into, left, top) {
  const box = token.getClientRects()[0];
  if (!box) return;
  const [bar, label] = [getComputedStyle(token, "::after"), getComputedStyle(token, "::before")];
  if (bar.content === '""' && !CLEAR.test(bar.backgroundColor)) {
    const [width, height] = [parseFloat(bar.width), parseFloat(bar.height)];
    into.append(rect(new DOMRect(box.x, box.y - 1 - height, width, height), left, top, paint("fill", bar.backgroundColor)));
  }
  const said = /^"(.+)"$/.exec(label.content);
  if (said) {
    const {direction, paddingLeft, paddingRight} = getComputedStyle(token);
    const x = direction === "rtl" ? box.right - parseFloat(paddingRight) : box.x + parseFloat(paddingLeft);
    const made = words(said[1], x - left, box.bottom + parseFloat(label.fontSize) - top, label);
    made.setAttribute("text-anchor", direction === "rtl" ? "end" : "start");
    into.append(made);
  }
}
