"""The figure of kind `rankings`: the rank of every produced token after every layer, as a grid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lensdoc.explorables.characters import direction
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.grids import HINT, grid_element, legend, lens_method, lens_name, rank_cell, readout, token_head
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.shared import said
from lensdoc.records.rankings import Rankings


def draw(record: Rankings, options: Mapping[str, Any]) -> Element:
    """The custom element with its grid; layers run downwards."""
    heads = [token_head(record.tokens, t) for t in record.targets]
    vocabulary = int(options["span"][0]) if "span" in options else record.model.vocabulary
    rows = [
        (layer, [rank_cell(rank, prob, vocabulary) for rank, prob in zip(ranks, probs, strict=True)])
        for layer, ranks, probs in zip(record.layers, record.ranks, record.probs, strict=True)
    ]
    grid = grid_element(heads, rows, said("rankings.caption"), ("token", None), direction(record.tokens))
    return element(
        "lens-rankings",
        {"class": "ld-rankings", "data-search-exclude": ""},
        grid,
        legend(vocabulary),
        readout(_summary(record), HINT),
    )


def _summary(record: Rankings) -> str:
    text = said("rankings.with" if record.final_norm else "rankings.without", size=f"{record.model.vocabulary:,}")
    return f"{text} By {lens_name(record.lens)}." if record.lens else text


def _numbers(record: Rankings) -> Iterator[tuple[Cell, ...]]:
    for layer, ranks, probs in zip(record.layers, record.ranks, record.probs, strict=True):
        for target, rank, prob in zip(record.targets, ranks, probs, strict=True):
            yield layer, target, record.tokens[target].spelled, rank, prob


EXPLORABLE = Explorable(
    options={},
    draw=draw,
    method=lambda record: lens_method(final_norm=record.final_norm, masked=record.sees_all, lenses=[record.lens]),
    table=Table(("layer", "position", "token", "rank", "probability"), _numbers),
    span=lambda record, _: (record.model.vocabulary,),
    states={"layer": lambda record: record.layers, "token": lambda record: record.targets},
    together=("layer", "token"),
)
