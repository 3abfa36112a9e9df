"""The measure `watch`: the ranks of chosen tokens at one position, after every layer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from lensdoc.core.errors import MeasureError
from lensdoc.measures.layers import Lens, lens_states, one_model, opened, place, with_last
from lensdoc.measures.states import Chosen, chosen_layers
from lensdoc.models.fitted_lens import FittedLens
from lensdoc.models.lens import rank_and_prob
from lensdoc.models.trace import Trace
from lensdoc.models.vocabulary import single_token
from lensdoc.records.watch import Watch, Watched, WatchedText


def watch(  # noqa: PLR0913 - options of one measure, by name
    trace: Trace | Sequence[Trace],
    tokens: Sequence[str],
    *,
    position: int = -1,
    layers: Chosen = None,
    final_norm: bool = True,
    lens: Lens | Sequence[Lens] = None,
) -> Watch:
    """Rank and probability of chosen tokens at one position, after every layer, by logit lens (see `rankings`).

    Facts: `layers` (how many are in the record), `first` (text of the watched token that ranks best after the model's last
    layer, whichever layers were chosen), and for further texts `first_2`, `first_3`...

    Args:
        trace: The text, or several, to be seen side by side.
        tokens: Texts of single tokens, such as `[" is", " are"]`.
        position: Where they would stand, in each of the texts: from 1 on; -1 is the place after the last token.
        layers: Indices of layers from 0: one, a slice or several; None for all.
        final_norm: Whether the final norm is applied to every layer's state, or to the last alone.
        lens: A fitted lens (see `fit_lens`) or its file, by which states are read; None for the logit lens. Several, such as
            `[None, "lens.safetensors"]`, are seen side by side, each with every text.

    Raises:
        MeasureError: There are no tokens or no texts, the texts are of different models, nothing is predicted at the position,
            a layer is out of range, or the states are not finite.
        ModelError: A text is not one token, or a lens cannot be read or is of another model.
    """
    if isinstance(tokens, str) or not len(tokens):
        raise MeasureError(f"watch takes a list of texts, one token each, such as [' is', ' are']; it was given {tokens!r}")
    traces = one_model([trace] if isinstance(trace, Trace) else trace)
    lm = traces[0].lm
    watched = [single_token(lm, text) for text in tokens]
    chosen = chosen_layers(traces[0], layers)
    read = with_last(chosen, lm.info.layers)
    lenses = [opened(each, traces[0], final_norm=final_norm) for each in _several(lens)]
    ids = [token.id for token in watched]
    found = [_watched(one, ids, position, read, final_norm=final_norm, lens=each) for one in traces for each in lenses]
    facts: dict[str, int | float | str] = {"layers": len(chosen)}
    for index, text in enumerate(found, 1):
        best = min(range(len(watched)), key=text.ranks[-1].__getitem__)
        facts["first" if index == 1 else f"first_{index}"] = watched[best].text
    own, *beside = (_only(text, [read.index(layer) for layer in chosen]) for text in found)
    return Watch(
        tokens=own.tokens,
        facts=facts,
        model=lm.info,
        provenance=traces[0].provenance,
        final_norm=final_norm,
        lens=own.lens,
        layers=tuple(chosen),
        position=own.position,
        watched=tuple(Watched(id=token.id, text=token.text) for token in watched),
        ranks=own.ranks,
        probs=own.probs,
        beside=tuple(beside),
    )


def _only(text: WatchedText, rows: list[int]) -> WatchedText:
    return text.model_copy(
        update={"ranks": tuple(text.ranks[row] for row in rows), "probs": tuple(text.probs[row] for row in rows)}
    )


def _several(lens: Lens | Sequence[Lens]) -> Sequence[Lens]:
    """One lens or several."""
    if lens is None or isinstance(lens, str | Path | FittedLens):
        return [lens]
    if not len(lens):
        raise MeasureError("lens is a fitted lens, its file, None for the logit lens, or a list of these; it is an empty list")
    return lens


def _watched(  # noqa: PLR0913 - what one text is read by
    trace: Trace, tokens: list[int], position: int, layers: list[int], *, final_norm: bool, lens: FittedLens | None
) -> WatchedText:
    where = place(trace, position)
    states = lens_states(trace, [where], layers, final_norm=final_norm, lens=lens)  # (layers, 1, width)
    ids = torch.tensor(tokens, device=states.device).repeat(len(states))
    each = states.repeat_interleave(len(tokens), 1).flatten(0, 1)  # (layers * watched, width)
    ranks, probs = (found.view(len(states), -1).tolist() for found in rank_and_prob(trace.lm.unembedding, each, ids))
    return WatchedText(
        tokens=trace.tokens,
        position=where,
        ranks=tuple(map(tuple, ranks)),
        probs=tuple(map(tuple, probs)),
        lens=lens.info if lens else None,
    )
