// The custom elements, defined once for the whole site; a page that arrives by instant navigation needs nothing more.
import {defineCards} from "./cards.js";
import {referenceOf} from "./citations.js";
import {defineElement, defineLens} from "./lens.js";
import {serveButtons} from "./about.js";
import {activationsView} from "./activations.js";
import {factorSaliencyView} from "./factor-saliency.js";
import {factorsView} from "./factors.js";
import {tellHeight} from "./embedded.js";
import {defineLater, ownView, viewOf} from "./families.js";
import {gridView} from "./grid.js";
import {Formula} from "./math.js";
import {previewOf} from "./previews.js";
import {saliencyView} from "./saliency.js";
import {sequenceView} from "./sequence.js";
import {servePrint} from "./later.js";
import * as shared from "./shared.js";
import {serveAddresses} from "./states.js";
import {serveStops} from "./stops.js";
import {mendTheme} from "./theme.js";
import {serveTools} from "./tools.js";
import {serveWaiting} from "./waiting.js";
import {stayWithin} from "./within.js";

if (!customElements.get("lens-activations")) { // a page may run the script again
  serveButtons();
  serveTools();
  serveWaiting();
  servePrint();
  serveAddresses();
  stayWithin();
  serveStops();
  mendTheme();
  tellHeight();
}
window.lensdoc ??= {shared}; // the elements of a page are those of the script that came first
defineLens("lens-activations", activationsView);
defineLens("lens-factors", factorsView);
defineLens("lens-factor-saliency", factorSaliencyView);
defineLens("lens-saliency", saliencyView);
for (const name of ["lens-rankings", "lens-predictions", "lens-watch"]) defineLens(name, gridView);
defineLens("lens-sequence", sequenceView);
for (const name of ["lens-attention", "lens-attention-flow", "lens-decoding", "lens-graph", "lens-logit-attribution", "lens-mask", "lens-similarity"]) defineLens(name, viewOf("attention", name));
for (const name of ["lens-ablation", "lens-exchange", "lens-faithfulness", "lens-patching"]) defineLens(name, viewOf("causal", name));
defineLater("lens-live", "live", "liveView", true);
defineLater("lens-choice", "several", "choiceView", true);
defineLater("lens-beside", "several", "besideView", true);
defineElement("lens-steps", (root, signal) => viewOf("steps", "lens-steps")(root, null, signal));
defineLens("lens-image", () => {});
defineLens("lens-kind", ownView);
defineLens("lens-plot", viewOf("plot", "lens-plot"));
defineLens("lens-table", viewOf("table", "lens-table"));
if (!customElements.get("lens-math")) customElements.define("lens-math", Formula);
defineCards("a.ld-ref, a.ld-value", previewOf);
defineCards("a.ld-cite", referenceOf);
