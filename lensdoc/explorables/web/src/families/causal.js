// Views of the kinds that show what an experiment changes; the page's script loads them when a figure of one is there.
import {patchingView} from "../causal/patching.js";
import {join} from "../shared.js";

join("causal", {"lens-patching": patchingView});
