"""The measure `sequence`: the tokens themselves, with the probability and rank of each produced one."""

from __future__ import annotations

from lensdoc.measures.layers import check_finite
from lensdoc.models.lens import rank_and_prob
from lensdoc.models.trace import Trace
from lensdoc.records.sequence import Sequence


def sequence(trace: Trace) -> Sequence:
    """The tokens of a trace, with the probability and the rank of every produced token.

    For the token `c` at position `t`, with logits `z` after the tokens before it, or in a masked model at the mask in its place:

        prob = softmax(z)[c]        rank = 1 + #{v: z[v] > z[c]}

    Ranks begin at 1, which is the most probable token; tokens of equal logit share a rank. Facts: `tokens`, `produced`,
    `lowest_prob`.
    """
    targets, head = list(trace.targets), trace.lm.unembedding
    states = head.normed(trace.states_before(targets)[-1])  # (targets, width)
    check_finite(states, trace, "states")
    ranks, probs = (found.tolist() for found in rank_and_prob(head, states, trace.ids[targets]))
    return Sequence(
        tokens=trace.tokens,
        facts={"tokens": len(trace.tokens), "produced": len(targets), "lowest_prob": min(probs, default=1.0)},
        model=trace.lm.info,
        provenance=trace.provenance,
        targets=tuple(targets),
        probs=tuple(probs),
        ranks=tuple(ranks),
    )
