// Views of the kinds that look at attention and at sums of parts; the page's script loads them when a figure of one is there.
import {attentionView} from "../attention/attention.js";
import {saidView} from "../attention/said.js";
import {join} from "../shared.js";

join("attention", {"lens-attention": attentionView, "lens-logit-attribution": saidView});
