import {disclosures} from "./later.js";
import {near} from "./near.js";
import {linked} from "./about.js";

/**
 * The buttons below a picture, in their order: what each is called, and its icon on a field of 24 units.
 * @type {Record<string, [name: string, icon: string]>}
 */
const TOOLS = {
  labels: ["Labels at the tokens", "M5 16 9.5 5 14 16M6.6 12h5.8M4 20h16"],
  table: ["Table", "M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14"],
  download: ["Download", "M12 4v11M7 11l5 5 5-5M5 20h14"],
  link: ["Link to this view", "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.5 1.5M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.5-1.5"],
  cite: ["Cite and embed", "M9 7c-3 1-4 3-4 6v4h5v-5H7M19 7c-3 1-4 3-4 6v4h5v-5h-3"],
  screen: ["Full screen", "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"],
  about: ["Data and method", "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 11v6M12 7v1"]
};
/** What each panel shows of the disclosure in a figure's line. @type {Record<string, string>} */
const PARTS = {about: "dl", download: ".ld-links", cite: ".ld-copied"};
const SVG = "http://www.w3.org/2000/svg";

/**
 * Add the buttons to the line below a picture, once it is near or the focus comes into its figure: Tab leads on to them.
 * @param {HTMLElement} root the drawing
 * @param {AbortSignal} signal
 */
export function followTools(root, signal) {
  const line = root.closest("figure")?.querySelector(":scope > .ld-tools");
  if (!line || root.parentElement?.closest("lens-live")) return; // of several drawings in a figure none has the buttons for itself
  let filled = false;
  const act = () => {
    if (!filled) fill(/** @type {HTMLElement} */ (line), root);
    filled = true;
  };
  near(line, act, signal);
  line.parentElement?.addEventListener("focusin", act, {signal});
  signal.addEventListener("abort", () => {
    for (const part of line.querySelectorAll(":scope > :is(.ld-said, .ld-toolbar, .ld-panel)")) part.remove();
  });
}

/**
 * @param {HTMLElement} line
 * @param {HTMLElement} root
 */
function fill(line, root) {
  const about = line.querySelector(".ld-later");
  const found = about ? disclosures(about)[0] : null;
  /** @type {Record<string, unknown>} */
  const has = {
    labels: root.querySelector(".ld-labels"),
    table: root.querySelector(".ld-later"),
    link: about && line.closest("figure")?.id,
    screen: document.fullscreenEnabled,
    ...Object.fromEntries(Object.entries(PARTS).map(([name, part]) => [name, found?.querySelector(part)]))
  };
  const bar = made("div", {className: "ld-toolbar", role: "toolbar", ariaLabel: "Figure"});
  bar.append(...Object.keys(TOOLS).filter((name) => has[name]).map(button));
  const labels = /** @type {HTMLInputElement | null} */ (has.labels);
  if (labels) bar.querySelector("[data-tool='labels']")?.setAttribute("aria-pressed", String(labels.checked));
  bar.querySelector("button")?.setAttribute("tabindex", "0");
  line.append(made("span", {className: "ld-said", role: "status"}), bar);
}

/** @param {string} name */
function button(name) {
  const [label, icon] = TOOLS[name];
  const tool = made("button", {type: "button", ariaLabel: label, tabIndex: -1});
  tool.dataset.tool = name;
  if (name in PARTS || name === "table") tool.ariaExpanded = "false";
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", icon);
  svg.append(path);
  tool.append(svg);
  return tool;
}

/** One listener for the lines of all figures, also of pages that come by instant navigation. */
export function serveTools() {
  document.addEventListener("click", ({target}) => {
    const tool = toolAt(target);
    if (tool) use(tool);
  });
  document.addEventListener("keydown", (event) => {
    const tool = toolAt(event.target);
    if (tool && !event.ctrlKey && !event.metaKey && !event.altKey) move(tool, event);
    else if (event.key === "Escape") shut(/** @type {Element} */ (event.target).closest?.(".ld-tools") ?? null, true);
  });
  document.addEventListener("fullscreenchange", () => {
    for (const tool of document.querySelectorAll("[data-tool='screen']")) {
      tool.ariaPressed = String(tool.closest("figure") === document.fullscreenElement);
    }
  });
}

/** @param {EventTarget | null} target */
const toolAt = (target) => /** @type {HTMLButtonElement | null} */ (target instanceof Element ? target.closest("button[data-tool]") : null);

/**
 * Arrow keys move along the buttons, which are one stop of the Tab key (APG: toolbar).
 * @param {HTMLButtonElement} tool
 * @param {KeyboardEvent} event
 */
function move(tool, event) {
  const tools = /** @type {HTMLButtonElement[]} */ ([...(tool.parentElement?.children ?? [])]);
  const ahead = getComputedStyle(tool).direction === "rtl" ? -1 : 1;
  const at = tools.indexOf(tool), last = tools.length - 1;
  const to = {ArrowRight: at + ahead, ArrowLeft: at - ahead, Home: 0, End: last}[event.key];
  if (event.key === "Escape") return shut(tool.closest(".ld-tools"), false);
  if (to === undefined) return;
  event.preventDefault();
  tool.tabIndex = -1;
  const next = tools[Math.max(0, Math.min(last, to))];
  next.tabIndex = 0;
  next.focus();
}

/** @param {HTMLButtonElement} tool */
function use(tool) {
  const line = /** @type {HTMLElement} */ (tool.closest(".ld-tools"));
  const figure = /** @type {HTMLElement} */ (tool.closest("figure"));
  for (const other of tool.parentElement?.children ?? []) /** @type {HTMLElement} */ (other).tabIndex = other === tool ? 0 : -1;
  const name = tool.dataset.tool ?? "";
  if (name === "labels") label(tool, figure);
  else if (name === "link") void said(line, linked(figure));
  else if (name === "screen") void (document.fullscreenElement ? document.exitFullscreen() : figure.requestFullscreen());
  else if (tool.ariaExpanded === "true") shut(line, false);
  else open(tool, line, figure);
}

/**
 * @param {HTMLButtonElement} tool
 * @param {HTMLElement} figure
 */
function label(tool, figure) {
  const box = /** @type {HTMLInputElement} */ (figure.querySelector(".ld-labels"));
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", {bubbles: true}));
  tool.ariaPressed = String(box.checked);
}

/**
 * @param {HTMLButtonElement} tool
 * @param {HTMLElement} line
 * @param {HTMLElement} figure
 */
function open(tool, line, figure) {
  shut(line, false);
  const name = tool.dataset.tool ?? "";
  const panel = made("div", {className: "ld-panel ld-about", role: "group", tabIndex: 0, ariaLabel: tool.ariaLabel});
  if (name === "table") {
    for (const later of figure.querySelectorAll(":scope > :not(.ld-tools) .ld-later")) {
      for (const details of disclosures(later)) {
        const title = details.querySelector("summary");
        panel.append(made("p", {className: "ld-what", textContent: title?.textContent ?? ""}));
        title?.remove();
        panel.append(...details.childNodes);
      }
    }
  } else {
    const [details] = disclosures(/** @type {Element} */ (line.querySelector(".ld-later")));
    panel.append(...details.querySelectorAll(PARTS[name]));
  }
  tool.ariaExpanded = "true";
  line.append(panel);
}

/**
 * Close what is open below a picture.
 * @param {Element | null} line
 * @param {boolean} back whether the focus goes back to the button
 */
function shut(line, back) {
  const tool = /** @type {HTMLElement | null | undefined} */ (line?.querySelector("[aria-expanded='true']"));
  if (!tool) return;
  tool.ariaExpanded = "false";
  line?.querySelector(".ld-panel")?.remove();
  if (back) tool.focus();
}

const SAID = 3000;

/**
 * @param {HTMLElement} line
 * @param {Promise<string>} text
 */
async function said(line, text) {
  const place = /** @type {HTMLElement} */ (line.querySelector(".ld-said"));
  place.textContent = await text;
  setTimeout(() => { place.textContent = ""; }, SAID);
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} name
 * @param {object} properties
 */
const made = (name, properties) => Object.assign(document.createElement(name), properties);
