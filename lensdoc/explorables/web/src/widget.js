// The module of a record as an anywidget (https://anywidget.dev/en/afm/). Python puts STYLE, and FIGURE where the module has its figure
// itself, before it, and the scripts of the figure's kind. Everything is in a shadow root, so that styles of page and figure stay apart.

/** @param {{model: {get: (name: string) => any}, el: HTMLElement}} given */
function render({model, el}) {
  const host = document.createElement("div");
  const root = host.attachShadow({mode: "open"});
  const style = Object.assign(document.createElement("style"), {textContent: STYLE});
  const frame = Object.assign(document.createElement("div"), {className: "ld-widget", innerHTML: model.get("html") ?? FIGURE});
  root.append(style, frame);
  el.append(host);
  return followGround(host, frame);
}

/**
 * Dark figures on dark ground, whatever program shows them.
 * @param {HTMLElement} host
 * @param {HTMLElement} frame
 * @returns {() => void} what ends it
 */
function followGround(host, frame) {
  const look = () => frame.classList.toggle("ld-night", isDark(host));
  const sizes = new ResizeObserver(look); // it has a size once it stands in the page
  const themes = new MutationObserver(look);
  sizes.observe(host);
  for (const node of [document.documentElement, document.body]) themes.observe(node, {attributes: true});
  return () => {
    sizes.disconnect();
    themes.disconnect();
  };
}

/**
 * Whether the nearest ground below an element is dark; without one the page's text says it.
 * @param {Element} element
 */
function isDark(element) {
  for (let at = /** @type {Element | null} */ (element); at; at = parentOf(at)) {
    const [light, alpha] = lightness(getComputedStyle(at).backgroundColor);
    if (alpha > 0.5) return light < 0.5;
  }
  return lightness(getComputedStyle(element).color)[0] > 0.5;
}

/** @param {Element} element */
function parentOf(element) {
  const root = element.getRootNode();
  return element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}

/**
 * How light a colour is, in any notation, and how opaque, from 0 to 1.
 * @param {string} colour
 */
function lightness(colour) {
  const pen = Object.assign(document.createElement("canvas"), {width: 1, height: 1}).getContext("2d");
  if (!pen) return [1, 1];
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
  return [(0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255, alpha / 255];
}

export default {render};
