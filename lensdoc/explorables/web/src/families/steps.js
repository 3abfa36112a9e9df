// The view of texts whose steps put a figure into states; the page's script loads it when there is one.
import {stepsView} from "../steps/steps.js";
import {join} from "../shared.js";

join("steps", {"lens-steps": stepsView});
