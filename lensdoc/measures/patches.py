"""The measure `patching`: states of one text put into another, to see which of them carry the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import torch
from torch import Tensor

from lensdoc.core.errors import MeasureError
from lensdoc.core.names import nearest
from lensdoc.core.progress import each
from lensdoc.measures.layers import answered, check_finite, of_stack, one_model
from lensdoc.measures.outcome import Outcome
from lensdoc.measures.putting import Pair
from lensdoc.measures.states import Chosen, chosen_indices, chosen_layers
from lensdoc.models.heads import heads_in
from lensdoc.models.lens import most_probable
from lensdoc.models.streams import Stack
from lensdoc.models.tokens import read_tokens
from lensdoc.models.trace import Trace
from lensdoc.records.fields import Fact
from lensdoc.records.patching import PatchedPart, Patching, Top, Word

MOST_TOPS = 20_000
"""Tokens that a record keeps of what the model says with states put in."""
_LEAST = 1e-3
"""Of the larger logit difference: what is less is rounding."""


def patching(  # noqa: PLR0913 - options of one measure, by name
    clean: Trace,
    corrupt: Trace,
    *,
    answer: str,
    wrong: str,
    part: PatchedPart = "residual",
    estimate: bool = False,
    layers: Chosen = None,
    positions: Chosen = None,
    position: int = -1,
    stack: Stack | None = None,
    top: int = 5,
) -> Patching:
    """Which states carry an answer: each is taken from one text and put into another (Vig et al. 2020; Meng et al. 2022).

    Two texts of as many tokens, `clean` and `corrupt`, lead to different answers. With `d` the logit of `answer` less that of
    `wrong` after the last token, and one part of the corrupt text's computation exchanged for the clean text's:

        value = (d_patched - d_corrupt) / (d_clean - d_corrupt)

    0 where that part changes nothing, 1 where it brings the clean text's answer back; it may lie below or above. Everything after
    the part is computed anew, from that block on. Parts are exchanged in every layer, each time one:

        residual   the state after the block at one position
        attention  what the block's attention adds at one position
        ffn        what its FFN adds at one position
        head       what one head found, at all positions at once

    With `estimate=True` nothing is exchanged: values are those to first order, from one derivative on the corrupt text,

        value ~ (dd/dx . (x_clean - x_corrupt)) / (d_clean - d_corrupt)           (attribution patching, Nanda 2023)

    with `x` the part. It is quick, and off where the way between both is not straight, as norms and attention make it.

    In a masked model the texts are those that `fill` was given, with masks in the same places, and `d` is read at one of them. In
    an encoder with a decoder both sources have as many tokens, and so have both targets; states are those of one stack, the
    decoder's or with `stack="encoder"` those of the source. Blocks of a decoder attend to two streams, so what attention and
    heads make is not exchanged there.

    Facts: `strongest` (the largest value), `strongest_layer`, `strongest_column` (its position or head).

    Args:
        clean: The text with the answer, whose states are taken. Read with `score` it has no produced tokens; all count.
        corrupt: The text into which they are put; of the same model, and with as many tokens.
        answer: Text of the token that the clean text leads to.
        wrong: Text of the one that the corrupt text leads to.
        part: What is exchanged.
        estimate: Whether values are estimated.
        layers: Indices of layers from 0: one, a slice or several; None for all.
        positions: Indices of tokens; None for all that these layers read. Heads have none.
        position: Where the answer stands; -1 is the place after the last token, or in a masked model the last mask. Texts are
            read up to it, in a masked model whole.
        stack: Of an encoder with a decoder, whose states are exchanged: `decoder`, unless `encoder` is named.
        top: How many of the most probable next tokens to keep for every exchange, none for an estimate; 0 for none.

    Raises:
        MeasureError: The texts have different numbers of tokens or models, or say the same of the two tokens; nothing is
            predicted at the position; an option is out of range, or the states are not finite.
        ModelError: A text is not one token, or a layer has no such part that could be told.
    """
    _check_options(part, positions, top)
    one_model([clean, corrupt])
    (clean, at), (corrupt, _) = (answered(one, position, "patching") for one in (clean, corrupt))
    _check_texts(clean, corrupt, part)
    own = of_stack(clean, stack, "patching")
    rows = chosen_layers(own, layers)
    columns = _columns(clean, part, rows, positions, own.stack)
    if not estimate and len(rows) * len(columns) * top > MOST_TOPS:
        raise MeasureError(
            f"{len(rows)} layers, {len(columns)} columns and {top} tokens of each are more than the {MOST_TOPS:,} that a record "
            "keeps; choose fewer layers or positions, or a smaller top"
        )
    outcome = Outcome.of(clean.lm, answer, wrong, -1 if at is None else at)
    pair = Pair(clean, corrupt, outcome, part, own.stack)
    ends = pair.ends()  # clean and corrupt, as the head gets them
    check_finite(ends, clean, "states")
    d_clean, d_corrupt = outcome.values(ends).tolist()
    if abs(d_clean - d_corrupt) <= _LEAST * max(abs(d_clean), abs(d_corrupt)):
        raise MeasureError(
            f"the logit of {answer!r} less that of {wrong!r} is {d_clean:.4g} after the clean text and {d_corrupt:.4g} after the "
            "corrupt one, so there is nothing to restore; name tokens on which the texts differ"
        )
    tops: dict[str, Any] = {}
    if estimate:
        found = pair.estimates(rows, columns)
    else:
        normed = torch.stack([pair.patched(layer, columns) for layer in each("patching", rows)])  # (layers, columns, width)
        check_finite(normed, clean, "states")
        found = torch.stack([outcome.values(row) for row in normed]) - d_corrupt
        tops = _tops(clean, normed, ends, top) if top else {}
    values = (found.double() / (d_clean - d_corrupt)).tolist()
    check_finite(found, clean, "derivatives" if estimate else "logits")
    return Patching(
        tokens=clean.tokens,
        facts=_facts(values, rows, columns),
        model=own.info,
        provenance=clean.provenance,
        part=part,
        position=at,
        estimate=estimate,
        corrupt_tokens=corrupt.tokens,
        layers=tuple(rows),
        positions=None if part == "head" else tuple(columns),
        heads=tuple(columns) if part == "head" else None,
        values=tuple(map(tuple, values)),
        answer=answer,
        wrong=wrong,
        clean=d_clean,
        corrupt=d_corrupt,
        **tops,
    )


def _columns(clean: Trace, part: PatchedPart, rows: Sequence[int], positions: Chosen, stack: Stack) -> list[int]:
    if part != "head":
        return _positions(clean, positions, stack)
    counts = {heads_in(clean.lm.model, layer).count: layer for layer in rows}
    if len(counts) > 1:
        told = " and ".join(f"{count} in layer {layer}" for count, layer in counts.items())
        raise MeasureError(f"these layers have different numbers of heads, {told}; choose layers alike")
    return list(range(next(iter(counts))))


def _positions(clean: Trace, positions: Chosen, stack: Stack) -> list[int]:
    first, last = (0, clean.split) if stack == "encoder" else (clean.split, len(clean.tokens))
    if positions is None:
        return list(range(first, last))
    found = chosen_indices("positions", positions, last, "the last token" if last == len(clean.tokens) else "the source's last")
    if found[0] < first:
        raise MeasureError(f"the decoder reads the target, from token {first} on; positions are {positions!r}")
    return found


def _tops(trace: Trace, normed: Tensor, ends: Tensor, count: int) -> dict[str, Any]:
    """The most probable next tokens of every exchange and of both texts, and the words that they name."""
    layers, columns, width = normed.shape
    every = torch.cat([normed.reshape(-1, width), ends])
    ids, probs = (found.tolist() for found in most_probable(trace.lm.unembedding, every, count))
    made = [Top(ids=tuple(i), probs=tuple(p)) for i, p in zip(ids, probs, strict=True)]
    named = sorted({token for row in ids for token in row})
    words = (Word(id=t.id, text=t.text, bytes=t.bytes) for t in read_tokens(trace.lm.tokenizer, named, n_input=0))
    grid = tuple(tuple(made[layer * columns : (layer + 1) * columns]) for layer in range(layers))
    return {"words": tuple(words), "tops": grid, "clean_top": made[-2], "corrupt_top": made[-1]}


def _facts(values: Sequence[Sequence[float]], rows: Sequence[int], columns: Sequence[int]) -> dict[str, Fact]:
    value, row, column = max((value, -r, -c) for r, some in enumerate(values) for c, value in enumerate(some))
    return {"strongest": value, "strongest_layer": rows[-row], "strongest_column": columns[-column]}


def _check_options(part: str, positions: Chosen, top: int) -> None:
    if part not in get_args(PatchedPart):
        raise MeasureError(
            f"part must be one of {', '.join(get_args(PatchedPart))}, it is {part!r}; {nearest(part, get_args(PatchedPart))}"
        )
    if part == "head" and positions is not None:
        raise MeasureError(f"a head is exchanged at all positions at once; leave out positions, which are {positions!r}")
    if not isinstance(top, int) or isinstance(top, bool) or top < 0:
        raise MeasureError(f"top must be an integer from 0, it is {top!r}")


def _check_texts(clean: Trace, corrupt: Trace, part: str) -> None:
    if clean.split and part in {"attention", "head"}:
        raise MeasureError(
            f"blocks of a decoder attend to two streams, so part {part!r} is not exchanged in {clean.lm.id}, an encoder with a "
            "decoder; take residual or ffn"
        )
    if clean.split != corrupt.split:
        raise MeasureError(
            "states are exchanged position by position, so both sources have as many tokens; clean has "
            f"{clean.split} and corrupt {corrupt.split}"
        )
    if len(clean.tokens) != len(corrupt.tokens):
        raise MeasureError(
            f"states are exchanged position by position, so both texts have as many tokens; clean has {len(clean.tokens)} and "
            f"corrupt {len(corrupt.tokens)}: {clean!r}, {corrupt!r}"
        )
    if clean.readings and list(clean.targets) != list(corrupt.targets):
        own, others = (", ".join(map(str, trace.targets)) for trace in (clean, corrupt))
        raise MeasureError(f"both texts have their masks in the same places; clean has them at {own} and corrupt at {others}")
