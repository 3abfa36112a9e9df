/**
 * A share as a label: whole percent, one decimal below one; a tiny one is never shown as nothing.
 * @param {number} value
 */
export function share(value) {
  const percent = 100 * value;
  if (!percent) return "0%";
  if (percent < 0.1) return "<0.1%";
  return percent >= 1 ? `${rounded(percent, 0)}%` : `${rounded(percent, 1)}%`;
}

/**
 * A score that is no share, as a label: two decimals, with a true minus.
 * @param {number} value
 */
export function score(value) {
  const size = rounded(Math.abs(value), 2);
  return `${value < 0 && Number(size) ? "−" : ""}${size}`;
}

/**
 * Halves upwards, as the page's first state has them.
 * @param {number} value
 * @param {number} decimals
 */
function rounded(value, decimals) {
  return (Math.floor(value * 10 ** decimals + 0.5) / 10 ** decimals).toFixed(decimals);
}
