"""The measure `predictions`: the most probable tokens after every layer."""

from __future__ import annotations

from collections.abc import Sequence

from lensdoc.core.errors import MeasureError
from lensdoc.measures.layers import Lens, lens_states, opened, place, with_last
from lensdoc.measures.states import Chosen, chosen_layers
from lensdoc.models.lens import most_probable
from lensdoc.models.tokens import read_tokens
from lensdoc.models.trace import Trace
from lensdoc.records.predictions import Predictions


def predictions(  # noqa: PLR0913 - options of one measure, by name
    trace: Trace,
    *,
    positions: Sequence[int] = (-1,),
    top_k: int = 10,
    layers: Chosen = None,
    final_norm: bool = True,
    lens: Lens = None,
) -> Predictions:
    """The most probable tokens after every layer, with their probabilities, by logit lens (see `rankings`).

    Facts: `layers` (how many are in the record), `top` (the most probable token at the first of the positions, after the model's
    last layer, whichever layers were chosen) and `top_prob`.

    Args:
        trace: The text.
        positions: Where the tokens would stand: from 1 on; -1 is the place after the last token.
        top_k: How many tokens.
        layers: Indices of layers from 0: one, a slice or several; None for all.
        final_norm: Whether the final norm is applied to every layer's state, or to the last alone.
        lens: A fitted lens (see `fit_lens`) or its file, by which states are read; None for the logit lens.

    Raises:
        ModelError: The lens cannot be read, or is of another model.
        MeasureError: Nothing is predicted at a position, `top_k` or a layer is out of range, or the states are not finite.
    """
    head = trace.lm.unembedding
    if not isinstance(top_k, int) or not 1 <= top_k <= len(head.weight):
        raise MeasureError(f"top_k must be from 1 to {len(head.weight)}, the size of the vocabulary; it is {top_k!r}")
    if isinstance(positions, int) or not len(positions):
        raise MeasureError(f"positions is a list, such as [-1]; it is {positions!r}")
    where = [place(trace, position) for position in positions]
    chosen = chosen_layers(trace, layers)
    read = with_last(chosen, trace.lm.info.layers)
    fitted = opened(lens, trace, final_norm=final_norm)
    states = lens_states(trace, where, read, final_norm=final_norm, lens=fitted)  # (layers, positions, width)
    ids, probs = (
        found.view(len(states), len(where), top_k).transpose(0, 1).tolist()
        for found in most_probable(head, states.flatten(0, 1), top_k)
    )
    top = read_tokens(trace.lm.tokenizer, ids[0][-1], n_input=0)[0].spelled
    top_prob = probs[0][-1][0]
    ids, probs = ([[rows[read.index(layer)] for layer in chosen] for rows in found] for found in (ids, probs))
    tokens = [[read_tokens(trace.lm.tokenizer, row, n_input=0) for row in rows] for rows in ids]
    texts = tuple(tuple(tuple(token.text for token in row) for row in rows) for rows in tokens)
    raw = tuple(tuple(tuple(token.bytes for token in row) for row in rows) for rows in tokens)
    return Predictions(
        tokens=trace.tokens,
        facts={"layers": len(chosen), "top": top, "top_prob": top_prob},
        model=trace.lm.info,
        provenance=trace.provenance,
        final_norm=final_norm,
        lens=fitted.info if fitted else None,
        layers=tuple(chosen),
        positions=tuple(where),
        texts=texts,
        ids=tuple(tuple(map(tuple, rows)) for rows in ids),
        probs=tuple(tuple(map(tuple, rows)) for rows in probs),
        bytes=raw if any(code for rows in raw for row in rows for code in row) else None,
    )
