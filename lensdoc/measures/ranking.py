"""The measure `rankings`: the rank of every produced token after every layer."""

from __future__ import annotations

from lensdoc.measures.layers import lens_states
from lensdoc.models.lens import rank_and_prob
from lensdoc.models.trace import Trace
from lensdoc.records.errors import MeasureError
from lensdoc.records.rankings import Rankings


def rankings(trace: Trace, *, final_norm: bool = True) -> Rankings:
    """Rank and probability of every produced token after every layer, by logit lens (nostalgebraist 2020).

    With `h[l]` the residual stream after layer `l` at the token before, and `W` the unembedding:

        z[l] = W norm(h[l])        rank[l] = 1 + #{v: z[l][v] > z[l][c]}        prob[l] = softmax(z[l])[c]

    `norm` is the model's final norm. `final_norm=False` leaves it out of all layers but the last, as the articles of 2020 did.
    Layers are counted from 0; the embedding is none of them. The last layer's figures are the model's own.

    Facts: `layers`, `targets`, `settled` (share of targets that keep rank 1 from some layer before the last).

    Raises:
        MeasureError: Nothing was produced, or the states are not finite.
    """
    if not len(trace.targets):
        raise MeasureError("rankings follow produced tokens, and this trace has none; generate some, or score a text")
    head = trace.lm.unembedding
    states = lens_states(trace, head, trace.targets, final_norm=final_norm)  # (layers, targets, width)
    ids = trace.ids[list(trace.targets)].repeat(len(states))
    ranks, probs = (found.view(len(states), -1) for found in rank_and_prob(head, states.flatten(0, 1), ids))
    return Rankings(
        tokens=trace.tokens,
        facts={
            "layers": len(states),
            "targets": len(trace.targets),
            "settled": float((ranks[-2:] == 1).all(0).float().mean()),
        },
        model=trace.lm.info,
        provenance=trace.provenance,
        final_norm=final_norm,
        layers=tuple(range(len(states))),
        targets=tuple(trace.targets),
        ranks=tuple(map(tuple, ranks.tolist())),
        probs=tuple(map(tuple, probs.tolist())),
    )
