// The choice among records of one figure; the page's script loads it when a figure has one.
import {choiceView} from "../choice/choice.js";
import {join} from "../shared.js";

join("choice", {choiceView});
