"""A factorization as a drawing: the table of activations, and the two tables of which it is nearly the product."""

from __future__ import annotations

from collections.abc import Iterator

from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.numbers import added
from lensdoc.explorables.shared import SIZES, said
from lensdoc.explorables.sparklines import hue
from lensdoc.explorables.tints import LEVELS, level
from lensdoc.records.factor_saliency import read_at
from lensdoc.records.factors import Factors
from lensdoc.records.record import ModelInfo

_SIZES = SIZES["factors"]
_CELL: int = _SIZES["cell"]
_ROWS, _COLUMNS, _FACTORS = (_SIZES[name] for name in ("rows", "columns", "factors"))
"""The most that is drawn of positions, neurons and factors."""


def decomposition(record: Factors) -> Element:
    """Three tables side by side, each with its size, and with what a cell of it means."""
    rows, factors = min(positions(record), _ROWS), min(len(record.activations), _FACTORS)
    wide = max(_COLUMNS, len(record.layers))
    parts = (
        _part(
            said("decomposition.activations"),
            f"{_positions(record)} × {_neurons(record)}",
            _cell_of_activations(record),
            _neutral(record, rows, wide),
        ),
        _sign("≈"),
        _part(
            said("decomposition.factors"),
            f"{_positions(record)} × {_factors(record)}",
            said("decomposition.ofFactors"),
            _activations(record, rows, factors),
        ),
        _sign("×"),
        _part(
            said("decomposition.loadings"),
            f"{_factors(record)} × {_neurons(record)}",
            said("decomposition.ofLoadings"),
            _loadings(record, factors, wide),
        ),
    )
    return element("div", {"class": "ld-decomposition"}, *parts)


def in_words(record: Factors) -> str:
    """What the drawing shows beside the sizes that stand in it."""
    explained = ""
    if record.method == "nmf" and record.explained is not None:
        explained = said("decomposition.explained", share=f"{added(record.explained):.0%}")
    scaled = said(f"decomposition.scaled.{record.scale or 'none'}")
    first = "leftOne" if record.skip == 1 else "leftMany"
    return said(
        "decomposition.summary",
        layers=_layers(record),
        scaled=scaled + ("" if record.method == "nmf" else said("decomposition.mean")),
        explained=explained,
        tokens=_count(len(record.tokens), "token"),
        left=said(f"decomposition.{first}", count=record.skip) if record.skip else "",
    )


def positions(record: Factors) -> int:
    """How many states were factored: a token that nobody read, and one that shares its state with another, count once."""
    texts = [sum(start <= p for start in record.starts) for p in range(len(record.tokens))]
    return len({(text, read_at(record.tokens, p)) for p, text in enumerate(texts) if p not in record.left_out})


def _count(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def _positions(record: Factors) -> str:
    return _count(positions(record), "position")


def _factors(record: Factors) -> str:
    return _count(len(record.activations), "factor")


def _neurons(record: Factors) -> str:
    told = record.facts.get("neurons")
    if not isinstance(told, int):
        told = sum(map(record.model.neurons_in, record.layers)) if isinstance(record.model, ModelInfo) else 0
    return _count(told, "neuron") if told else said("decomposition.all")


def _layers(record: Factors) -> str:
    if not record.layers:
        return ""
    if len(record.layers) == 1:
        return said("decomposition.layer", layer=record.layers[0])
    return said("decomposition.layers", count=len(record.layers))


def _cell_of_activations(record: Factors) -> str:
    parts = said("decomposition.parts") if record.negative == "split" else ""
    bands = said("decomposition.bands", count=len(record.layers)) if len(record.layers) > 1 else ""
    return said("decomposition.ofActivations", parts=parts, bands=bands)


def _part(name: str, size: str, meaning: str, drawing: Element) -> Element:
    lines = ((name, "ld-what"), (size, "ld-size"), (meaning, "ld-meaning"))
    return element("div", {"class": "ld-matrix"}, drawing, *(element("p", {"class": kind}, text) for text, kind in lines))


def _sign(text: str) -> Element:
    return element("span", {"class": "ld-sign", "aria-hidden": "true"}, text)


def _svg(columns: int, rows: int, cells: Iterator[Element]) -> Element:
    box = f"0 0 {columns * _CELL} {rows * _CELL}"
    attributes: dict[str, str | None] = {
        "viewBox": box,
        "width": str(columns * _CELL),
        "height": str(rows * _CELL),
        "aria-hidden": "true",
    }
    return element("svg", attributes, *cells)


def _cell(column: float, row: float, shade: int, colour: str | None, *, size: tuple[float, float] = (1, 1)) -> Element:
    place = {
        "x": f"{column * _CELL:g}",
        "y": f"{row * _CELL:g}",
        "width": f"{size[0] * _CELL:g}",
        "height": f"{size[1] * _CELL:g}",
    }
    return element("rect", {"class": "ld-cell", "data-hue": colour, "data-level": str(shade), **place})


def _neutral(record: Factors, rows: int, columns: int) -> Element:
    """A table without values, since a record keeps none of single neurons: bands of layers, lines between positions."""
    bands = max(len(record.layers), 1)
    wide = columns / bands
    cells = (_cell(band * wide, row, 3 + 3 * (band % 2), None, size=(wide, 1)) for band in range(bands) for row in range(rows))
    return _svg(columns, rows, cells)


def _activations(record: Factors, rows: int, factors: int) -> Element:
    """The record's own values, at positions spread over the text."""
    measured = [position for position in range(len(record.tokens)) if position not in record.left_out]
    shown = [measured[row * (len(measured) - 1) // max(rows - 1, 1)] for row in range(rows)]
    largest = [max(map(abs, values)) for values in record.activations]
    cells = (
        _cell(f, row, level(abs(record.activations[f][position]), largest[f]), hue(f + 1))
        for f in range(factors)
        for row, position in enumerate(shown)
    )
    return _svg(factors, rows, cells)


def _loadings(record: Factors, factors: int, columns: int) -> Element:
    bands = max(len(record.layers), 1)
    wide = columns / bands
    cells = (
        _cell(b * wide, f, LEVELS // 2 + 2 * (b % 2), hue(f + 1), size=(wide, 1)) for f in range(factors) for b in range(bands)
    )
    return _svg(columns, factors, cells)
