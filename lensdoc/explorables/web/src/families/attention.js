// Views of the kinds that look at attention, parts of logits, layers and strategies; the page's script loads them when one is there.
import {attentionView} from "../attention/attention.js";
import {graphView} from "../attention/graph.js";
import {saidView} from "../attention/said.js";
import {similarityView} from "../attention/similarity.js";
import {join} from "../shared.js";

join("attention", {
  "lens-attention": attentionView,
  "lens-attention-flow": saidView,
  "lens-decoding": saidView,
  "lens-graph": graphView,
  "lens-logit-attribution": saidView,
  "lens-mask": saidView,
  "lens-similarity": similarityView
});
