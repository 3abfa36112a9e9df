import {drawArcs} from "./arcs.js";
import {opacity, unpacked, weightOf} from "./codes.js";
import {PINNED, crosshairIn, followStates, forward, keepState, placed, readout, share, summaryIn, walk} from "../shared.js";

const NAMED = 3;
const COLOUR = [20, 80, 190];

/**
 * @typedef {{layers: number[], heads: number[], words: string[], quoted: string[], codes: string[][], shown: [number, number, number],
 *   summary: string, first?: number}} Data `shown` has the places of a layer and a head, and the position of a token; `first` is the first one that attends
 */

/**
 * A grid of heads, one of which is enlarged, and the arcs of one token.
 * @param {HTMLElement} root
 * @param {Data} data
 * @param {AbortSignal} signal
 */
export function attentionView(root, data, signal) {
  /** @template {Element} T @param {string} selector @returns {T} */
  const find = (selector) => /** @type {T} */ (root.querySelector(selector));
  const table = /** @type {HTMLTableElement} */ (find(".ld-headgrid"));
  const plot = /** @type {HTMLElement} */ (find(".ld-plot"));
  const titles = [find(".ld-enlarged .ld-title"), find(".ld-arcpanel .ld-title")];
  const svg = /** @type {SVGElement} */ (find(".ld-arcs"));
  const say = readout(/** @type {HTMLElement} */ (find(".ld-live")), signal);
  const summary = summaryIn(root);
  const image = /** @type {HTMLElement} */ (plot.querySelector("img"));
  const first = data.first ?? 0, tokens = data.words.length;
  const canvas = Object.assign(document.createElement("canvas"), {width: first || tokens, height: tokens - first});
  const cross = crosshairIn(plot, canvas.width, canvas.height, signal);
  const cells = /** @type {HTMLElement[]} */ ([...table.tBodies[0].querySelectorAll("td")]);
  const count = data.heads.length;
  const state = {head: data.shown[0] * count + data.shown[1], query: data.shown[2], key: 0};
  const rest = {...state};
  let rows = unpacked(data.codes[data.shown[0]][data.shown[1]], tokens, first);

  const name = () => `Layer ${data.layers[Math.floor(state.head / count)]}, head ${data.heads[state.head % count]}`;
  const token = () => `token ${state.query} ${data.quoted[state.query]}`;

  const atRest = () => state.head === rest.head && state.query === rest.query;

  /** Of the query, which is one of them though nothing attends to the target. */
  const weights = () => Array.from({length: Math.max(state.query + 1, rows[state.query - first].length)}, (_, key) => weightOf(rows[state.query - first][key] ?? 0));

  function describe(pin = "") {
    const row = weights();
    const order = [...row.keys()].sort((a, b) => row[b] - row[a] || a - b).slice(0, NAMED);
    const found = order.map((k) => `${data.quoted[k]} (token\xa0${k}) ${share(row[k])}`).join(", ");
    return `${name()}, from ${token()}${pin}: ${found}.`;
  }

  /** @param {Partial<typeof state>} change */
  function choose(change) {
    const other = change.head !== undefined && change.head !== state.head;
    Object.assign(state, change);
    if (other) rows = unpacked(data.codes[Math.floor(state.head / count)][state.head % count], tokens, first);
    titles[0].textContent = name();
    titles[1].textContent = `From ${token()}`;
    drawArcs(svg, data.words, weights(), state.query, data.first);
    if (other) paint(canvas, rows);
    cells.forEach((each, i) => {
      each.toggleAttribute("data-chosen", i === state.head);
      each.setAttribute("aria-selected", String(i === state.head));
    });
    if (summary) summary.textContent = `${data.summary} ${describe()}`;
    const layer = data.layers[Math.floor(state.head / count)], head = data.heads[state.head % count];
    keepState(root, {layer, head, token: state.query}, atRest());
    say(atRest() ? "" : describe(PINNED));
  }

  /** @param {number} query @param {number} key */
  function point(query, key) {
    const row = rows[query - first], shown = key < row.length;
    cross({x: key, line: query - first, tall: 1});
    say(shown ? `${name()}: from token ${query} ${data.quoted[query]} to token ${key} ${data.quoted[key]} ${share(weightOf(row[key]))}.` : `${name()}: token ${key} stands after token ${query}, which cannot see it.`);
  }

  function leave() {
    cross(null);
    say("");
  }

  paint(canvas, rows);
  image.replaceWith(canvas);
  walk(table, say, signal, (of, each, pin) => `${placed(of, each)}${pin}: ${each.dataset.said}.`, {
    pinned: () => (atRest() ? null : cells[state.head]),
    said: (each) => (!atRest() && each === cells[state.head] ? PINNED : ""),
    toggle: (each) => choose(!atRest() && each === cells[state.head] ? {...rest} : {head: cells.indexOf(each)})
  });
  for (const each of cells) each.setAttribute("aria-label", `${placed(table, each)}: ${each.dataset.said}`);
  plot.role = "application";
  plot.ariaRoleDescription = "heatmap";
  plot.tabIndex = 0;
  followPlot(plot, {first, lines: canvas.height, columns: canvas.width}, state, {point, leave, choose}, signal);
  followStates(root, {
    names: ["layer", "head", "token"],
    put(asked, byLink) {
      const [layer, head] = [data.layers, data.heads].map((all, i) => {
        const value = asked[i ? "head" : "layer"];
        return value === undefined ? data.shown[i] : all.indexOf(value);
      });
      const query = asked.token ?? rest.query;
      if (layer < 0 || head < 0 || !data.words[query] || query < first) return false;
      if (byLink) cells[layer * count + head].focus();
      choose({head: layer * count + head, query});
    },
    rest: () => choose({...rest})
  }, signal);
  signal.addEventListener("abort", () => {
    choose({...rest});
    canvas.replaceWith(image);
  });
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number[][]} rows
 */
function paint(canvas, rows) {
  const context = canvas.getContext("2d");
  if (!context) return;
  const pixels = context.createImageData(canvas.width, canvas.height);
  rows.forEach((row, q) => row.forEach((code, k) => pixels.data.set([...COLOUR, opacity(code)], 4 * (q * canvas.width + k))));
  context.putImageData(pixels, 0, 0);
}

/**
 * The pointer and the arrow keys read a weight of the enlarged head; a tap, Enter and Space choose the query of its row.
 * @param {HTMLElement} plot
 * @param {{first: number, lines: number, columns: number}} size the token of the first row, and how many rows and columns there are
 * @param {{query: number, key: number}} state
 * @param {{point: (query: number, key: number) => void, leave: () => void, choose: (change: {query: number}) => void}} to
 * @param {AbortSignal} signal
 */
function followPlot(plot, {first, lines, columns}, state, {point, leave, choose}, signal) {
  let at = {query: state.query, key: state.key};
  /** @param {number} line @param {number} column */
  const placeOf = (line, column) => ({query: first + Math.max(0, Math.min(lines - 1, line)), key: Math.max(0, Math.min(columns - 1, column))});
  /** @param {MouseEvent} event */
  const under = ({clientX, clientY}) => {
    const {left, top, width, height} = plot.getBoundingClientRect();
    const across = (clientX - left) / width;
    return placeOf(Math.floor(((clientY - top) / height) * lines), Math.floor((forward(plot) < 0 ? 1 - across : across) * columns));
  };
  plot.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    const {query, key} = under(event);
    point(query, key);
  }, {signal});
  plot.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && leave(), {signal});
  plot.addEventListener("click", (event) => {
    at = under(event);
    choose({query: at.query});
  }, {signal});
  plot.addEventListener("focus", () => plot.matches(":focus-visible") && point(at.query, at.key), {signal});
  plot.addEventListener("blur", leave, {signal});
  plot.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const ahead = forward(plot);
    /** @type {Record<string, [number, number]>} */
    const moves = {
      ArrowRight: [0, ahead],
      ArrowLeft: [0, -ahead],
      ArrowDown: [1, 0],
      ArrowUp: [-1, 0],
      PageDown: [10, 0],
      PageUp: [-10, 0],
      Home: [0, -columns],
      End: [0, columns]
    };
    if (event.key === "Enter" || event.key === " ") choose({query: at.query});
    else if (moves[event.key]) {
      at = placeOf(at.query - first + moves[event.key][0], at.key + moves[event.key][1]);
      point(at.query, at.key);
    } else return;
    event.preventDefault();
  }, {signal});
}
