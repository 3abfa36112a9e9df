// Hues, and steps of a tint. lensdoc/explorables/tints.py has the same.
import sizes from "../../../sizes.json" with {type: "json"};

/**
 * Step of the tint for a value, from 0 on.
 * @param {number} value
 * @param {number} largest
 */
export const level = (value, largest) => (largest > 0 ? Math.floor((sizes.tints.levels - 1) * (value / largest) + 0.5) : 0);

/**
 * Hue of a factor by its number.
 * @param {number} number
 */
export const hue = (number) => String(((number - 1) % sizes.tints.hues) + 1);
