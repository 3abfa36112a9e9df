/**
 * A specification of Vega-Lite. Expressions are interpreted (`ast`): the policy of pages lets no text become a function.
 * @type {import("./plot.js").Draw}
 */
export async function vega(library, place, specification, colours) {
  const config = colours ? dark(colours) : {background: "transparent"};
  const {finalize} = await library(place, specification, {ast: true, actions: false, renderer: "svg", config});
  return finalize;
}

/** @param {import("./plot.js").Colours} colours */
function dark({ink, rule}) {
  const lines = {labelColor: ink, titleColor: ink, gridColor: rule, domainColor: rule, tickColor: rule};
  return {background: "transparent", axis: lines, legend: lines, header: lines, title: {color: ink, subtitleColor: ink}, view: {stroke: rule}};
}
