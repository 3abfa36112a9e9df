"""The measure `watch`: the ranks of chosen tokens at one position, after every layer."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from lensdoc.measures.layers import lens_states, place
from lensdoc.models.lens import rank_and_prob
from lensdoc.models.trace import Trace
from lensdoc.models.vocabulary import single_token
from lensdoc.records.errors import MeasureError
from lensdoc.records.watch import Watch, Watched


def watch(trace: Trace, tokens: Sequence[str], *, position: int = -1, final_norm: bool = True) -> Watch:
    """Rank and probability of chosen tokens at one position, after every layer, by logit lens (see `rankings`).

    Facts: `layers`, `first` (text of the watched token that ranks best after the last layer).

    Args:
        trace: The text.
        tokens: Texts of single tokens, such as `[" is", " are"]`.
        position: Where they would stand: from 1 on; -1 is the place after the last token.
        final_norm: Whether the final norm is applied to every layer's state, or to the last alone.

    Raises:
        MeasureError: There are no tokens, nothing is predicted at the position, or the states are not finite.
        ModelError: A text is not one token.
    """
    if isinstance(tokens, str) or not len(tokens):
        raise MeasureError(f"watch takes a list of texts, one token each, such as [' is', ' are']; it was given {tokens!r}")
    watched = [single_token(trace.lm, text) for text in tokens]
    head, where = trace.lm.unembedding, place(trace, position)
    states = lens_states(trace, head, [where], final_norm=final_norm)  # (layers, 1, width)
    ids = torch.tensor([token.id for token in watched], device=states.device).repeat(len(states))
    each = states.repeat_interleave(len(watched), 1).flatten(0, 1)  # (layers * watched, width)
    ranks, probs = (found.view(len(states), -1) for found in rank_and_prob(head, each, ids))
    best = min(range(len(watched)), key=lambda w: int(ranks[-1, w]))
    return Watch(
        tokens=trace.tokens,
        facts={"layers": len(states), "first": watched[best].text},
        model=trace.lm.info,
        provenance=trace.provenance,
        final_norm=final_norm,
        layers=tuple(range(len(states))),
        position=where,
        watched=tuple(Watched(id=token.id, text=token.text) for token in watched),
        ranks=tuple(map(tuple, ranks.tolist())),
        probs=tuple(map(tuple, probs.tolist())),
    )
