// The view of specifications of Plotly and Vega-Lite; the page's script loads it when one is there.
import {plotView} from "../plot/plot.js";
import {join} from "../shared.js";

join("plot", {"lens-plot": plotView});
