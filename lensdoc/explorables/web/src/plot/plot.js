import {near} from "../near.js";
import {load} from "../shared.js";
import {plotly} from "./plotly.js";
import {vega} from "./vega.js";

/**
 * What draws a specification.
 * @callback Draw
 * @param {any} library
 * @param {HTMLElement} place
 * @param {any} specification
 * @param {Colours | null} colours of a dark page; none on a light one
 * @returns {Promise<() => void>} what ends the drawing
 */

/** @typedef {{ink: string, rule: string}} Colours */

/** @type {Record<string, {key: string, draw: Draw}>} */
const LIBRARIES = {"plot.plotly": {key: "Plotly", draw: plotly}, "plot.vega-lite": {key: "vegaEmbed", draw: vega}};

/**
 * A specification that its own library draws in the place of the picture, which stays for paper and where the library fails.
 * @param {HTMLElement} root
 * @param {any} specification
 * @param {AbortSignal} signal
 */
export function plotView(root, specification, signal) {
  const {key, draw} = LIBRARIES[root.dataset.plot ?? ""];
  const status = /** @type {HTMLElement} */ (root.querySelector(".ld-live"));
  const place = document.createElement("div");
  Object.assign(place, {className: "ld-drawn", role: "group", ariaLabel: root.dataset.alt ?? ""});
  place.style.marginInline = "auto";
  root.style.textAlign = "center"; // of a drawing that is inline, as those of Vega are
  /** @type {() => void} */
  let end = () => {};
  let drawings = Promise.resolve();
  const show = async () => {
    const library = await load(root.dataset.library ?? "", key);
    if (signal.aborted) return;
    end();
    root.append(place);
    root.classList.add("ld-shown");
    try {
      end = await draw(library, place, structuredClone(specification), coloursOf(root));
    } catch (error) {
      root.classList.remove("ld-shown");
      place.remove();
      throw error;
    }
  };
  const again = () => {
    drawings = drawings.then(show).catch(() => {
      status.textContent = "The figure could not be drawn; its picture stands here.";
    });
  };
  near(root, again, signal);
  const themes = new MutationObserver(() => root.classList.contains("ld-shown") && again());
  themes.observe(document.body, {attributeFilter: ["data-md-color-scheme"]});
  signal.addEventListener("abort", () => {
    themes.disconnect();
    end();
    root.classList.remove("ld-shown");
    place.remove();
  });
}

/**
 * @param {HTMLElement} root
 * @returns {Colours | null}
 */
function coloursOf(root) {
  if (document.body.dataset.mdColorScheme !== "slate") return null;
  const style = getComputedStyle(root);
  return {ink: style.getPropertyValue("--ld-ink").trim(), rule: style.getPropertyValue("--ld-rule").trim()};
}
