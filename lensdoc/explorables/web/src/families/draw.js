// Draws figures in the page from their records; what needs that loads it.
import {draw} from "../draw/draw.js";
import {join} from "../shared.js";

join("draw", {draw});
