/**
 * The text of a token's element, as one line.
 * @param {HTMLElement} token
 */
export function text(token) {
  return (token.textContent ?? "").replaceAll("\n", "");
}
