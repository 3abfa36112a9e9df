// Several records in one figure: a choice among them, and figures side by side; the page's script loads it when a figure has several.
import {besideView} from "../several/beside.js";
import {choiceView} from "../several/choice.js";
import {join} from "../shared.js";

join("several", {besideView, choiceView});
