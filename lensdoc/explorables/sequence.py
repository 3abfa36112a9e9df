"""The figure of kind `sequence`: the tokens, and how probable each produced one was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.grids import readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.masks import masked_reading
from lensdoc.explorables.numbers import percent
from lensdoc.explorables.options import ChoiceOption
from lensdoc.explorables.passages import least_probable, window
from lensdoc.explorables.sequences import sequence_element
from lensdoc.explorables.shared import SIZES, heads, said
from lensdoc.explorables.tables import table_details
from lensdoc.explorables.tints import LEVELS, level
from lensdoc.records.sequence import Sequence

_HINT = said("sequence.hint")


def draw(record: Sequence, options: Mapping[str, Any]) -> Element:
    """The custom element: each produced token is tinted by its probability; labels below tokens are the author's choice."""
    where = {target: index for index, target in enumerate(record.targets)}
    labels = {
        "none": {},
        "positions": {p: str(p) for p in range(len(record.tokens))},
        "ids": {p: str(token.id) for p, token in enumerate(record.tokens)},
        "probabilities": {t: percent(record.probs[index]) for t, index in where.items()},
    }[options["labels"]]

    def attributes(position: int) -> dict[str, str]:
        label = {"data-share": labels[position]} if position in labels else {}
        if position not in where:
            return label
        return label | {"data-hue": "1", "data-level": str(level(record.probs[where[position]], 1) * _PALE // LEVELS)}

    return element(
        "lens-sequence",
        {"class": "ld-sequence ld-scored", "data-search-exclude": "", "data-labelled": "" if labels else None},
        window(record.tokens, sequence_element(record.tokens, attributes, masked=record.sees_all)),
        *least_probable(
            record.tokens, [(t, percent(p)) for t, p in zip(record.targets, record.probs, strict=True)], record.probs
        ),
        readout(_summary(record), _HINT),
        *([table_details(said("sequence.table"), heads("sequence.heads"), _rows(record))] if record.targets else []),
        element("template", {"class": "ld-data"}, json.dumps(_data(record))),
    )


_PALE: int = SIZES["tints"]["pale"]
"""A text is to be read: certain tokens are not as dark as the strongest of a saliency."""


def _data(record: Sequence) -> dict[str, Any]:
    probs = dict(zip(record.targets, map(percent, record.probs), strict=True))
    ranks = dict(zip(record.targets, (f"{rank:,}" for rank in record.ranks), strict=True))
    return {
        "ids": [token.id for token in record.tokens],
        "probs": probs,
        "ranks": ranks,
    }


def _summary(record: Sequence) -> str:
    if not record.targets:
        return said("sequence.given", count=len(record.tokens))
    least = min(range(len(record.probs)), key=record.probs.__getitem__)
    token = quoted(record.tokens, record.targets[least])
    return said("sequence.summary", token=token, prob=percent(record.probs[least]))


def _rows(record: Sequence) -> list[tuple[str, ...]]:
    found = zip(record.targets, record.probs, record.ranks, strict=True)
    return [(f"{t} {quoted(record.tokens, t)}", str(record.tokens[t].id), percent(prob), f"{rank:,}") for t, prob, rank in found]


def _numbers(record: Sequence) -> Iterator[tuple[Cell, ...]]:
    for target, prob, rank in zip(record.targets, record.probs, record.ranks, strict=True):
        yield target, record.tokens[target].spelled, record.tokens[target].id, prob, rank


_METHOD = (
    "The probability that the model gave each token after the tokens before it, and its rank in the vocabulary. "
    "It says how expected a token was to this model, not whether it is true."
)
_MASKED_METHOD = (
    "The probability that the model gave each token at a mask in its place, from the tokens on both sides, and its rank in the "
    "vocabulary. {how} It says how expected a token was to this model, not whether it is true."
)


def _method(record: Sequence) -> str:
    return _MASKED_METHOD.format(how=masked_reading(record)) if record.sees_all else _METHOD


EXPLORABLE = Explorable(
    options={"labels": ChoiceOption(("none", "positions", "ids", "probabilities"), "what stands below each token")},
    draw=draw,
    method=_method,
    table=Table(("position", "token", "id", "probability", "rank"), _numbers),
    states={"token": lambda record: range(len(record.tokens))},
)
