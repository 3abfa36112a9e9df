"""The measure `rankings`: the rank of every produced token after every layer."""

from __future__ import annotations

from lensdoc.core.errors import MeasureError
from lensdoc.measures.layers import Lens, lens_states, opened, with_last
from lensdoc.measures.states import Chosen, chosen_layers
from lensdoc.models.lens import rank_and_prob
from lensdoc.models.trace import Trace
from lensdoc.records.rankings import Rankings


def rankings(trace: Trace, *, layers: Chosen = None, final_norm: bool = True, lens: Lens = None) -> Rankings:
    """Rank and probability of every produced token after every layer, by logit lens (nostalgebraist 2020).

    With `h[l]` the residual stream after layer `l` at the token before, and `W` the unembedding:

        z[l] = W norm(h[l])        rank[l] = 1 + #{v: z[l][v] > z[l][c]}        prob[l] = softmax(z[l])[c]

    `norm` is the model's final norm. `final_norm=False` leaves it out of all layers but the last, as the articles of 2020 did.
    Layers are counted from 0; the embedding is none of them. The last layer's figures are the model's own.

    Facts: `layers` (how many are in the record), `targets`, `settled` (share of targets that keep rank 1 from some layer before
    the model's last: rank 1 after each of its last two, whichever layers were chosen).

    Args:
        trace: The text.
        layers: Indices of layers from 0: one, a slice or several; None for all.
        final_norm: Whether the final norm is applied to every layer's state, or to the last alone.
        lens: A fitted lens (see `fit_lens`) or its file, by which states are read; None for the logit lens.

    Raises:
        ModelError: The lens cannot be read, or is of another model.
        MeasureError: Nothing was produced, a layer is out of range, or the states are not finite.
    """
    if not len(trace.targets):
        raise MeasureError("rankings follow produced tokens, and this trace has none; generate some, or score a text")
    head, chosen = trace.lm.unembedding, chosen_layers(trace, layers)
    read = with_last(chosen, trace.lm.info.layers, last=2)
    fitted = opened(lens, trace, final_norm=final_norm)
    states = lens_states(trace, trace.targets, read, final_norm=final_norm, lens=fitted)  # (layers, targets, width)
    ids = trace.ids[list(trace.targets)].repeat(len(states))
    ranks, probs = (found.view(len(states), -1) for found in rank_and_prob(head, states.flatten(0, 1), ids))
    kept = [read.index(layer) for layer in chosen]
    return Rankings(
        tokens=trace.tokens,
        facts={
            "layers": len(chosen),
            "targets": len(trace.targets),
            "settled": float((ranks[-2:] == 1).all(0).float().mean()),
        },
        model=trace.lm.info,
        provenance=trace.provenance,
        final_norm=final_norm,
        lens=fitted.info if fitted else None,
        layers=tuple(chosen),
        targets=tuple(trace.targets),
        ranks=tuple(map(tuple, ranks[kept].tolist())),
        probs=tuple(map(tuple, probs[kept].tolist())),
    )
