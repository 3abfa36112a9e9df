const AXIS = /^([xyz]axis|[rt]axis|scene|polar)/;

/**
 * A figure of Plotly, narrower than its author made it where there is no room; on dark pages ground, text and lines of axes are the page's.
 * @type {import("./plot.js").Draw}
 */
export async function plotly(library, place, {data, layout = {}}, colours) {
  const {width, ...rest} = colours ? darkened(layout, colours) : layout;
  place.style.maxWidth = width ? `${width}px` : "";
  await library.newPlot(place, data, rest, {responsive: true, displaylogo: false});
  const end = () => library.purge(place);
  if (place.querySelector(".no-webgl")) { // some traces need it; the picture says more than a note that it is missing
    end();
    throw new Error("no WebGL");
  }
  return end;
}

/**
 * @param {any} layout
 * @param {import("./plot.js").Colours} colours
 */
function darkened(layout, {ink, rule}) {
  const axis = {gridcolor: rule, linecolor: rule, zerolinecolor: rule};
  const made = {...layout, paper_bgcolor: "transparent", plot_bgcolor: "transparent", font: {...layout.font, color: ink}};
  for (const name of new Set(["xaxis", "yaxis", ...Object.keys(layout)])) if (AXIS.test(name)) made[name] = {...layout[name], ...axis};
  return made;
}
