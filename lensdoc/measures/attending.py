"""The measure `attention`: the weights of every head, and what each head attends to."""

from __future__ import annotations

import base64
from typing import get_args

import torch
from torch import Tensor

from lensdoc.core.errors import MeasureError
from lensdoc.measures.layers import check_finite
from lensdoc.measures.states import Chosen, chosen_indices, chosen_layers
from lensdoc.models.attention import Attended, attention_weights, weights_of_two
from lensdoc.models.forward import some_tokens, text_config
from lensdoc.models.trace import Trace
from lensdoc.records.attention import Attention, HeadScores
from lensdoc.records.fields import Fact

MOST_VALUES = 20_000_000
SERIES = 25
"""Random tokens of the series that is repeated for the induction score."""
_LEAST_SERIES = 4


def attention(trace: Trace, *, layers: Chosen = None, heads: Chosen = None, which: Attended | None = None) -> Attention:
    """Attention weights of every head, and scores that say what each head attends to.

    A head of layer `l` moves to position `q` a mean of what it finds at the positions up to `q`, with the weights

        weights[q][k] = softmax_k(query[q] . key[k] / sqrt(size))        sum_k weights[q][k] = 1

    as the model computes them (with its masks, biases and soft caps). They are read in a pass under eager attention, since faster
    implementations do not hand them on, and kept to one part in 2,048.

    Scores of a head, each a mean of weights from 0 to 1:

        first       weights[q][0] of all q from 1 on: attention that rests on the first token, often for want of anything else
                    (Xiao et al. 2023 call it a sink)
        previous    weights[q][q - 1] of all q from 2 on, on a series of random tokens that comes twice
        induction   on the same series the weight of the second copy's tokens on the token after the same one in the first (Olsson
                    et al. 2022)

    A masked model moves to a position what its heads find at all positions; it has the score `first` alone, since the others tell
    heads that predict the next token. It is read as it filled the masks, or as the whole text where tokens were scored.

    An encoder with a decoder has three attentions: of the encoder, among the tokens of the source; of the decoder, among those of
    the target up to the query; and `cross`, of those of the target to those of the source. They have the score `first` alone.

    The series has 25 tokens, or as many as the model's context holds twice, at least 4; they are drawn with a fixed seed and
    without those that the model's config names.

    Facts: `layers`, `heads`, `first_share` (mean of `first` over all heads), `even_share` (what it would be if every head shared
    evenly), and the highest-scoring head of each score among the chosen ones: `first_head` (such as `L16H0`), `first_score`, and
    likewise `previous` and `induction`.

    Args:
        trace: The text.
        layers: Indices of layers from 0: one, a slice or several; None for all.
        heads: Indices of heads within a layer, the same in each.
        which: Of an encoder with a decoder: `encoder`, `decoder` or `cross`, which is meant where none is named.

    Raises:
        MeasureError: An index or an option is out of range, the text has fewer than 3 tokens, or the weights are too many for a
            data file.
        ModelError: A layer has no attention weights for each head, or weights that do not sum to 1.
    """
    which, trace = _attended(trace, which)
    count = len(trace.tokens)
    if count < 3:  # noqa: PLR2004 - fewer have no token before one that is not the first
        raise MeasureError(f"attention is measured on a text of at least 3 tokens, this one has {count}; take a longer one")
    chosen = chosen_layers(trace, layers)
    read = _read(trace, which, chosen)  # (layers, heads, queries, keys)
    check_finite(read, trace, "attention weights")
    rows = chosen_indices("heads", heads, read.shape[1], "the last of a layer")
    full = trace.sees_all or which == "cross"
    queries, keys = read.shape[2:]
    each = queries * keys if full else count * (count + 1) // 2
    if (values := len(chosen) * len(rows) * each) > MOST_VALUES:
        raise MeasureError(f"{values:,} weights are more than {MOST_VALUES:,}; choose fewer layers or heads, or a shorter text")
    weights = read[:, rows].float().cpu()
    scores = _scores(trace, weights, chosen, rows)
    return Attention(
        tokens=trace.tokens,
        facts={
            "layers": len(chosen),
            "heads": len(rows),
            "first_share": _mean(scores.first),
            "even_share": 1 / keys if full else sum(1 / (query + 1) for query in range(1, count)) / (count - 1),
            **_best(scores, chosen, rows),
        },
        model=trace.info,
        cross=True if which == "cross" else None,
        provenance=trace.provenance,
        layers=tuple(chosen),
        heads=tuple(rows),
        weights=tuple(tuple(_encoded(head, whole=full) for head in layer) for layer in weights),
        head_scores=scores,
    )


def _attended(trace: Trace, which: Attended | None) -> tuple[Attended | None, Trace]:
    """Which attention is meant, and the trace of the tokens that it is of."""
    if not trace.lm.paired:
        if which is not None:
            raise MeasureError(f"which={which!r} is of encoders with decoders, and {trace.lm.id} has one stack; leave it out")
        return None, trace
    if which not in {None, *get_args(Attended)}:
        raise MeasureError(f"which must be one of {', '.join(get_args(Attended))}, it is {which!r}")
    return (which or "cross"), (trace.stream(which) if which in {"encoder", "decoder"} else trace)


def _read(trace: Trace, which: Attended | None, layers: list[int]) -> Tensor:
    if which is None:
        return attention_weights(trace.lm.model, trace.read_ids, layers)
    whole = trace.whole or trace
    return weights_of_two(trace.lm.model, whole.ids, whole.split, layers, which)


def _encoded(weights: Tensor, *, whole: bool) -> str:
    """The lower triangle of weights (T, T), or all of them, row after row, as halves."""
    kept = weights if whole else weights[torch.ones_like(weights).tril().bool()]
    return base64.b64encode(kept.numpy().astype("<f2").tobytes()).decode()


def _scores(trace: Trace, weights: Tensor, layers: list[int], heads: list[int]) -> HeadScores:
    queries = slice(0 if trace.split else 1, None)  # no token of a target is the first of the source
    first = _rows(weights[:, :, queries, 0].mean(-1))
    room = getattr(text_config(trace.lm.model), "max_position_embeddings", None)
    length = SERIES if not isinstance(room, int) else min(SERIES, room // 2)
    if length < _LEAST_SERIES or trace.readings or trace.lm.paired:
        return HeadScores(first=first)
    series = some_tokens(trace.lm.model, length)[0]
    twice = attention_weights(trace.lm.model, torch.cat([series, series]), layers)[:, heads].float()
    previous = twice.diagonal(-1, 2, 3)[:, :, 1:].mean(-1)
    return HeadScores(first=first, previous=_rows(previous), induction=_rows(twice.diagonal(1 - length, 2, 3)[:, :, 1:].mean(-1)))


def _rows(scores: Tensor) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, scores.tolist()))


def _mean(scores: tuple[tuple[float, ...], ...]) -> float:
    flat = [score for row in scores for score in row]
    return sum(flat) / len(flat)


def _best(scores: HeadScores, layers: list[int], heads: list[int]) -> dict[str, Fact]:
    """The highest-scoring head of each score, the earliest of those that tie."""
    facts: dict[str, Fact] = {}
    for name, rows in scores:
        if rows is not None:
            score, at, head = max((score, -i, -j) for i, row in enumerate(rows) for j, score in enumerate(row))
            facts |= {f"{name}_head": f"L{layers[-at]}H{heads[-head]}", f"{name}_score": score}
    return facts
