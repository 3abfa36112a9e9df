"""The figure of kind `similarity`: a square matrix, layers down and across."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.grids import HINT, grid_element, readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import fixed
from lensdoc.explorables.tints import level
from lensdoc.records.similarity import Similarity

_NAMES = {"cka": "debiased linear CKA", "svcca": "SVCCA", "pwcca": "PWCCA"}


def draw(record: Similarity, options: Mapping[str, Any]) -> Element:
    """The custom element with its matrix; values stand in hundredths."""
    del options
    of = "layer" if record.other is None else f"{record.other.id}, layer"
    heads = [
        element("th", {"scope": "col", "data-name": f"{of} {layer}", "data-at": str(layer)}, str(layer))
        for layer in record.columns
    ]
    rows = [(layer, [_cell(value) for value in row]) for layer, row in zip(record.layers, record.values, strict=True)]
    grid = grid_element(heads, rows, f"{_NAMES[record.measure]} of layers, in hundredths", ("other", None))
    return element(
        "lens-similarity", {"class": "ld-similarity", "data-search-exclude": ""}, grid, readout(_summary(record), HINT)
    )


def _cell(value: float) -> Element:
    tint = {"data-hue": "1", "data-level": str(level(max(value, 0.0), 1.0))}
    return element("td", {**tint, "data-said": fixed(value, 3)}, fixed(100 * value, 0))


def _summary(record: Similarity) -> str:
    across = "" if record.other is None else f"; layers of {record.model.id} down, of {record.other.id} across"
    text = f"{_NAMES[record.measure][0].upper()}{_NAMES[record.measure][1:]} in hundredths{across}. {_left_out(record)}"
    least, after = record.facts.get("least_neighbours"), record.facts.get("least_after")
    if isinstance(least, float | int) and isinstance(after, int):
        following = next((layer for layer in record.layers if layer > after), after)
        text += f" Of layers that follow each other {after} and {following} are least alike, {fixed(100 * least, 0)}."
    return text


def _left_out(record: Similarity) -> str:
    """What was left out, and how states were scaled."""
    texts = " of each text" if len(record.starts) > 1 else ""
    first = "The first token" if record.skip == 1 else f"The first {record.skip} tokens"
    skipped = f"{first}{texts} {'is' if record.skip == 1 else 'are'} left out" if record.skip else "No token is left out"
    scaled = "each state is brought to length 1" if record.scale == "unit" else "states are as long as they are"
    return f"{skipped}, and {scaled}; {record.facts.get('positions', 'some')} positions."


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
