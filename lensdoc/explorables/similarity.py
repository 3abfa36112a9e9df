"""The figure of kind `similarity`: a square matrix, layers down and across."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lensdoc.explorables.elements import Content, Element, element
from lensdoc.explorables.grids import DEEP, HINT, grid_element, readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import fixed
from lensdoc.explorables.shared import said
from lensdoc.explorables.tints import level
from lensdoc.records.similarity import Similarity

_SQUARE = "table-layout: fixed; width: min(100%, 72em); min-width: calc(var(--ld-characters) * 0.45em)"
"""Columns of many layers share the room that there is, as long as their numbers have some."""


def draw(record: Similarity, options: Mapping[str, Any]) -> Element:
    """The custom element with its matrix; values stand in hundredths."""
    del options
    heads = [
        element("th", {"scope": "col", "data-name": _column(record, layer), "data-at": str(layer)}, str(layer))
        for layer in record.columns
    ]
    rows = [(layer, [_cell(value) for value in row]) for layer, row in zip(record.layers, record.values, strict=True)]
    grid = grid_element(
        heads,
        rows,
        said("similarity.caption", measure=said(f"similarity.{record.measure}")),
        ("other", None),
    )
    if len(rows) > DEEP:
        grid[0].set("style", f"{grid[0].get('style')}; {_SQUARE}")
    return element(
        "lens-similarity",
        {"class": "ld-similarity", "data-search-exclude": ""},
        grid,
        _legend(),
        readout(_summary(record), HINT),
    )


def _column(record: Similarity, layer: int) -> str:
    if record.other is None:
        return said("similarity.layer", layer=layer)
    return said("similarity.otherLayer", model=record.other.id, layer=layer)


def _cell(value: float) -> Element:
    tint = {"data-hue": "1", "data-level": str(level(max(value, 0.0), 1.0))}
    return element("td", {**tint, "data-said": fixed(value, 3)}, fixed(100 * value, 0))


def _legend() -> Element:
    """What the colours mean."""
    swatches: list[Content] = [
        element("span", {"class": "ld-swatch", "data-hue": "1", "data-level": str(level(value, 1.0))}, fixed(100 * value, 0))
        for value in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    return element("p", {"class": "ld-legend", "aria-hidden": "true"}, said("similarity.legend"), *swatches)


def _summary(record: Similarity) -> str:
    other, name = record.other, said(f"similarity.{record.measure}")
    across = "" if other is None else said("similarity.across", model=record.model.id, other=other.id)
    measure = name[0].upper() + name[1:]
    return said("similarity.summary", measure=measure, across=across, least=_least(record), left=_left_out(record))


def _least(record: Similarity) -> str:
    """Which layers that follow each other are least alike."""
    least, after = record.facts.get("least_neighbours"), record.facts.get("least_after")
    if not isinstance(least, float | int) or not isinstance(after, int):
        return ""
    following = next((layer for layer in record.layers if layer > after), after)
    return said("similarity.least", after=after, following=following, value=fixed(100 * least, 0))


def _left_out(record: Similarity) -> str:
    """What was left out, and how states were scaled."""
    return said(
        "similarity.none" if not record.skip else "similarity.one" if record.skip == 1 else "similarity.many",
        count=record.skip,
        texts=said("similarity.ofEach") if len(record.starts) > 1 else "",
        scaled=said("similarity.unit" if record.scale == "unit" else "similarity.whole"),
        positions=record.facts.get("positions", said("similarity.some")),
    )


def _numbers(record: Similarity) -> Iterator[tuple[Cell, ...]]:
    for layer, row in zip(record.layers, record.values, strict=True):
        for column, value in zip(record.columns, row, strict=True):
            yield layer, column, value


def _method(record: Similarity) -> str:
    what = {
        "cka": "Centred kernel alignment with a linear kernel, by its unbiased estimator",
        "svcca": "Mean canonical correlation of the directions that hold 99 % of the variance",
        "pwcca": "Canonical correlations, weighted by how much of the row's layer they hold",
    }[record.measure]
    return (
        f"{what}: whether positions that are alike after one layer are alike after the other. Directions of large variance, "
        "often a few, decide it; layers that are alike by it may do different things, and one text is not all texts."
    )


EXPLORABLE = Explorable(
    options={},
    draw=draw,
    method=_method,
    table=Table(("layer", "other_layer", "similarity"), _numbers),
    states={"layer": lambda record: record.layers, "other": lambda record: record.columns},
    together=("layer", "other"),
    family="attention",
)
