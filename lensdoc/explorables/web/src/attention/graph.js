import {saidView} from "./said.js";

/** @typedef {{at: [number, number][], links: [number, number, number, number][]}} Data places of nodes; source, target, share and whether it takes away */

/**
 * Nodes that are read out; all links of the one that is pointed at are drawn, else of the one that is pinned.
 * @param {HTMLElement} root
 * @param {Data} data
 * @param {AbortSignal} signal
 */
export function graphView(root, {at, links}, signal) {
  const nodes = [...root.querySelectorAll(".ld-nodes > g")];
  const drawn = /** @type {Element} */ (root.querySelector(".ld-links"));
  const chosen = document.createElementNS("http://www.w3.org/2000/svg", "g");
  chosen.setAttribute("class", "ld-links");
  drawn.after(chosen);
  let shown = -1;

  function show() {
    const pointed = nodes.findIndex((node) => node.hasAttribute("data-current"));
    const index = pointed >= 0 ? pointed : nodes.findIndex((node) => node.hasAttribute("data-pinned"));
    if (index === shown) return;
    shown = index;
    drawn.toggleAttribute("data-faint", index >= 0);
    const ends = new Set(links.flatMap(([source, target]) => (source === index || target === index ? [source, target] : [])));
    nodes.forEach((node, i) => node.toggleAttribute("data-faint", index >= 0 && !ends.has(i)));
    chosen.replaceChildren(...links.filter(([source, target]) => source === index || target === index).map(line));
  }

  /** @param {Data["links"][number]} link */
  function line([source, target, share, less]) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("class", "ld-series");
    const [[x1, y1], [x2, y2]] = [at[source], at[target]];
    path.setAttribute("d", `M${x1},${y1}Q${(x1 + x2) / 2 - 0.125 * (y1 - y2)},${(y1 + y2) / 2} ${x2},${y2}`);
    path.setAttribute("stroke-width", String(0.5 + 4 * share));
    path.dataset.hue = less ? "2" : "1";
    if (less) path.setAttribute("stroke-dasharray", "4 3");
    return path;
  }

  saidView(root, null, signal);
  const observer = new MutationObserver(show); // what is pointed at or pinned, by whatever way
  observer.observe(/** @type {Element} */ (root.querySelector(".ld-nodes")), {subtree: true, attributeFilter: ["data-current", "data-pinned"]});
  signal.addEventListener("abort", () => {
    observer.disconnect();
    for (const node of nodes) node.removeAttribute("data-current");
    show();
    chosen.remove();
  });
}
