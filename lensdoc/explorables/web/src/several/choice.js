import {addressOf, decoded, followStates, load, parsed, setAside} from "../shared.js";
import {control} from "./control.js";

/**
 * A reader's choice among records of one figure. The first is in the page; another one's drawing, and the line below it, are loaded when
 * it is chosen. The address names the choice, before the state of what is drawn.
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
    keep(index); // before it is drawn, so that the drawing finds it in the address
    if (index === shown) return mark(index);
    const waiting = setTimeout(() => tell("Loading."), 300);
    try {
      const parts = await drawingOf(links[index], figure);
      if (asked !== index || signal.aborted) return;
      mark(index);
      put(parts, root, figure);
      shown = index;
      tell(`${links[index].textContent} is shown.`, true);
    } catch {
      if (asked !== index) return;
      asked = shown;
      choice.show(shown);
      keep(shown);
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
  const stateOf = (index) => (index === begin ? "" : `${name}=${values[index]}`);

  /** What is pinned in the drawing stays pinned in the next one, where that has it: a cell that two readings share. */
  const pinned = () => [.../** @type {NodeListOf<HTMLElement>} */ (figure.querySelectorAll("[data-kept]"))].filter((one) => one !== root).map(({dataset}) => dataset.kept);

  /** @param {number} index */
  function keep(index) {
    if (index === begin) delete root.dataset.kept;
    else root.dataset.kept = stateOf(index);
  }

  /** @param {number} index */
  function mark(index) {
    links.forEach((link, i) => (link.ariaCurrent = i === index ? "true" : null));
    links[index].after(/** @type {Element} */ (names.querySelector(".ld-shown")));
  }

  /** @param {number} index */
  function choose(index, settled = true) {
    const state = [stateOf(index), ...pinned()].filter(Boolean).join();
    void show(index);
    const to = `#${figure.id}${state ? `:${state}` : ""}`, now = decoded(location.hash);
    if (settled && now !== to && (state || now.startsWith(`#${figure.id}:`))) history.pushState(null, "", to);
  }

  /** @param {Record<string, string>} state */
  function lead({[name]: value}) {
    if (!values.includes(value)) return false;
    void show(values.indexOf(value));
    return true;
  }

  /** With Escape, or as the address names no choice any more. */
  function rest() {
    if (asked === begin) return;
    void show(begin);
    const now = decoded(location.hash);
    if (now.startsWith(`#${figure.id}:`) && now.includes(`${name}=`)) history.replaceState(history.state, "", addressOf(figure));
  }

  const choice = control((names.firstChild?.textContent ?? "").replace(": ", ""), links.map((link) => link.textContent ?? ""), choose, signal);
  choice.show(shown);
  root.append(choice.element, status);
  signal.addEventListener("abort", () => {
    for (const part of [names, choice.element]) part.remove();
    status.remove();
    root.removeAttribute("data-ready");
  });
  followStates(root, {names: [name], asText: true, put: lead, rest}, signal);
  queueMicrotask(() => root.toggleAttribute("data-ready", true)); // the address is read
}

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
