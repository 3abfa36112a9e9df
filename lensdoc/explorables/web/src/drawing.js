// What only those need who save a figure: a script of its own, which the page's script loads when it is first asked for.
export {raster} from "./drawing/raster.js";
export {figureSvg} from "./drawing/svg.js";
