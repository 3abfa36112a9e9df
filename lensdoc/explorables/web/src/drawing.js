// Entry of the script that draws a figure to be saved; the page's script loads it when a reader first saves one.
export {raster} from "./drawing/raster.js";
export {figureSvg} from "./drawing/svg.js";
