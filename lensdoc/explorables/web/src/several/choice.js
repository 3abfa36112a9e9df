import {decoded, load, parsed, samePage, setAside, targetOf} from "../shared.js";
import {control} from "./control.js";

const ADDRESS = /^#([^:]+):([^:=]+)=([^:=]+)$/;

/**
 * A reader's choice among records of one figure. The first is in the page; another one's drawing, and the line below it, are loaded when
 * it is chosen. The address names the choice.
 * @param {HTMLElement} root what the choice stands in
 * @param {AbortSignal} signal
 */
export function choiceView(root, signal) {
  const figure = /** @type {HTMLElement} */ (root.closest("figure"));
  const [names] = setAside(/** @type {Element} */ (root.querySelector("noscript")));
  root.append(names); // for paper
  const links = /** @type {HTMLAnchorElement[]} */ ([...names.querySelectorAll("a[data-value]")]);
  const name = root.dataset.name ?? "", values = links.map((link) => link.dataset.value ?? "");
  const status = Object.assign(document.createElement("span"), {role: "status"});
  const begin = links.findIndex((link) => link.ariaCurrent);
  let shown = begin, asked = begin;

  /** @param {number} index */
  async function show(index) {
    asked = index;
    choice.show(index);
    if (index === shown) return mark(index);
    const waiting = setTimeout(() => tell("Loading."), 300);
    try {
      const parts = await drawingOf(links[index], figure);
      if (asked !== index || signal.aborted) return;
      mark(index); // first, so that the drawing finds the address kept
      put(parts, root, figure);
      shown = index;
      tell(`${links[index].textContent} is shown.`, true);
    } catch {
      if (asked !== index) return;
      asked = shown;
      choice.show(shown);
      tell(`${links[index].textContent} could not be loaded; ${links[shown].textContent} is still shown.`);
    } finally {
      clearTimeout(waiting);
    }
  }

  /** @param {string} text @param {boolean} [seen] whether the figure shows it as well */
  function tell(text, seen = false) {
    status.className = seen ? "ld-unseen" : "";
    status.textContent = text;
  }

  /** @param {number} index */
  function mark(index) {
    links.forEach((link, i) => (link.ariaCurrent = i === index ? "true" : null));
    links[index].after(/** @type {Element} */ (names.querySelector(".ld-shown")));
    if (index === begin) delete root.dataset.kept;
    else root.dataset.kept = `${name}=${values[index]}`;
  }

  /** @param {number} index */
  function choose(index, settled = true) {
    void show(index);
    const state = index === begin ? "" : `:${name}=${values[index]}`;
    const to = `#${figure.id}${state}`;
    if (settled && decoded(location.hash) !== to && (state || isHere())) history.pushState(null, "", to);
  }

  /** Which of them the address names; -1 for none. */
  function addressed() {
    const [, id, axis, value] = ADDRESS.exec(decoded(location.hash)) ?? [];
    return id === figure.id && axis === name ? values.indexOf(value) : -1;
  }
  const isHere = () => addressed() >= 0;

  const choice = control(labelOf(name), links.map((link) => link.textContent ?? ""), choose, signal);
  choice.show(shown);
  root.append(choice.element, status);
  root.toggleAttribute("data-ready", true);
  root.addEventListener("keydown", ({key}) => key === "Escape" && shown !== begin && choose(begin), {signal});
  window.addEventListener("popstate", () => void show(isHere() ? addressed() : begin), {signal});
  document.addEventListener("click", (event) => {
    const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("a[data-state]"));
    const [axis, value] = link?.dataset.state?.split("=") ?? [];
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || axis !== name || !samePage(link) || targetOf(link) !== figure.id) return;
    event.preventDefault();
    choose(values.indexOf(value));
    figure.scrollIntoView();
  }, {capture: true, signal});
  signal.addEventListener("abort", () => {
    for (const part of [names, choice.element]) part.remove();
    status.remove();
    root.removeAttribute("data-ready");
  });
  if (isHere()) {
    void show(addressed());
    figure.scrollIntoView();
  }
}

/** @param {string} name of an axis */
const labelOf = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

/**
 * A drawing and the line below it, made anew: from the page, where it was not lifted out, or from its own script.
 * @param {HTMLAnchorElement} link
 * @param {HTMLElement} figure
 * @returns {Promise<Element[]>}
 */
async function drawingOf(link, figure) {
  const file = new URL(link.href.replace(/\.html$/, ".js"));
  const kept = [.../** @type {NodeListOf<HTMLTemplateElement>} */ (figure.querySelectorAll(":scope > template[data-choice]"))];
  const own = kept.find((template) => decodeURIComponent(file.pathname).endsWith(`/${template.dataset.choice}.js`));
  if (own) return [.../** @type {DocumentFragment} */ (document.importNode(own.content, true)).children];
  return parsed(await load(file.href, "lensdocChoice"));
}

/**
 * Put a drawing in place of the one that is shown. The line comes first: the drawing adds its buttons to it.
 * @param {Element[]} parts
 * @param {HTMLElement} root
 * @param {HTMLElement} figure
 */
function put([drawing, line], root, figure) {
  figure.querySelector(":scope > .ld-tools")?.replaceWith(line);
  while (root.nextSibling) root.nextSibling.remove();
  root.after(...drawing.childNodes);
}
