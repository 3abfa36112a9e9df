// Figures whose model the reader asks; the page's script loads this when one is there. The engine is loaded when the reader says so.
import {liveView} from "../live/view.js";
import {join} from "../shared.js";

join("live", {liveView});
