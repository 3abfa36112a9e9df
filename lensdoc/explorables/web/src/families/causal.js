// Views of the kinds that show what an experiment changes; the page's script loads them when a figure of one is there.
import {curveView} from "../causal/curve.js";
import {patchingView} from "../causal/patching.js";
import {rowsView} from "../causal/rows.js";
import {join} from "../shared.js";

join("causal", {
  "lens-ablation": rowsView,
  "lens-exchange": curveView,
  "lens-faithfulness": curveView,
  "lens-patching": patchingView
});
