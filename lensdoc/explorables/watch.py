"""The figure of kind `watch`: ranks of chosen tokens over the layers, as lines and as a table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lensdoc.explorables.characters import direction
from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.folds import line_content
from lensdoc.explorables.grids import HINT, grid_element, lens_method, rank_cell, readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import percent
from lensdoc.explorables.tints import HUES
from lensdoc.records.tokens import Token
from lensdoc.records.watch import Watch, Watched, WatchedText

_WIDTH, _HEIGHT = 400, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 90, 28, 40
_MOST_TICKS = 12
_DASHES = ("", "6 3", "2 3", "8 3 2 3")
"""How lines are told apart without colour."""


def draw(record: Watch, options: Mapping[str, Any]) -> Element:
    """The custom element: for each text the prompt with its blank, the lines, the table; several stand side by side."""
    del options
    scales = _Scales.of(record)
    several = len(record.texts) > 1
    texts = [_text_part(record, text, scales, f" in text {i}" if several else "") for i, text in enumerate(record.texts, 1)]
    parts = [element("div", {"class": "ld-texts"}, *texts)] if several else texts
    return element("lens-watch", {"class": "ld-watch", "data-search-exclude": ""}, *parts, readout(_summary(record), HINT))


def _text_part(record: Watch, text: WatchedText, scales: _Scales, where: str) -> Element:
    before = text.tokens[: text.position]
    title = element(
        "p",
        {"class": "ld-title", "dir": direction(before)},
        *line_content(before),
        " ",
        element("span", {"class": "ld-blank"}, "____"),
    )
    names = [_name(watched) for watched in record.watched]
    heads = [element("th", {"scope": "col", "data-name": name + where}, name) for name in names]
    rows = [
        (f"Layer {layer}", [rank_cell(rank, prob) for rank, prob in zip(ranks, probs, strict=True)])
        for layer, ranks, probs in zip(record.layers, text.ranks, text.probs, strict=True)
    ]
    grid = grid_element(heads, rows, f"Rank of each watched token{where}, in the columns, after each layer, in the rows")
    panels = element("div", {"class": "ld-panels"}, _chart(record, text, scales), grid)
    return element("div", {"class": "ld-text"}, title, panels)


def _summary(record: Watch) -> str:
    several = len(record.texts) > 1
    found = [(f"in text {i} " if several else "") + _last(record, text) for i, text in enumerate(record.texts, 1)]
    return f"After the last layer: {'; '.join(found)}."


def _last(record: Watch, text: WatchedText) -> str:
    last = sorted(zip(text.ranks[-1], text.probs[-1], map(_name, record.watched), strict=True))
    return ", ".join(f"{word} rank {rank:,} ({percent(prob)})" for rank, prob, word in last)


def _name(watched: Watched) -> str:
    return quoted((Token(id=watched.id, text=watched.text, kind="output"),), 0)


@dataclass(frozen=True)
class _Scales:
    """Places in the chart: layers across, ranks downwards on a logarithmic axis."""

    layers: int
    decades: int

    @classmethod
    def of(cls, record: Watch) -> _Scales:
        """Room for all ranks of all texts, at least for 1 to 10."""
        largest = max(10, *(rank for text in record.texts for ranks in text.ranks for rank in ranks))
        return cls(len(record.layers), math.ceil(math.log10(largest)))

    def x(self, layer: int) -> float:
        """Across."""
        return _LEFT + layer * (_WIDTH - _LEFT - _RIGHT) / max(self.layers - 1, 1)

    def y(self, rank: int) -> float:
        """Down."""
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * math.log10(rank) / self.decades


def _chart(record: Watch, text: WatchedText, scales: _Scales) -> Element:
    parts = [*_axes(record, scales), *_lines(record, text, scales)]
    return element("svg", {"class": "ld-chart", "viewBox": f"0 0 {_WIDTH} {_HEIGHT}", "aria-hidden": "true"}, *parts)


def _axes(record: Watch, scales: _Scales) -> Iterator[Element]:
    left, right = f"{scales.x(0):g}", f"{scales.x(scales.layers - 1):.1f}"
    for decade in range(scales.decades + 1):
        at = scales.y(10**decade)
        yield element("line", {"class": "ld-rule", "x1": left, "x2": right, "y1": f"{at:.1f}", "y2": f"{at:.1f}"})
        yield _text(f"{10**decade:,}", _LEFT - 8, at + 4, anchor="end")
    apart = max(1, scales.layers // _MOST_TICKS)
    for index, layer in enumerate(record.layers):
        if index % apart == 0:
            yield _text(str(layer), scales.x(index), _HEIGHT - 22, anchor="middle")
    yield _text("layer", (scales.x(0) + scales.x(scales.layers - 1)) / 2, _HEIGHT - 4, anchor="middle")
    yield _text("rank", _LEFT - 8, _TOP - 10, anchor="end")


def _lines(record: Watch, text: WatchedText, scales: _Scales) -> Iterator[Element]:
    ends = _apart([scales.y(rank) for rank in text.ranks[-1]])
    for w, watched in enumerate(record.watched):
        points = "L".join(f"{scales.x(index):.1f},{scales.y(ranks[w]):.1f}" for index, ranks in enumerate(text.ranks))
        dashes = _DASHES[w % len(_DASHES)] or None
        yield element(
            "path", {"class": "ld-series", "data-hue": str(w % HUES + 1), "stroke-dasharray": dashes, "d": f"M{points}"}
        )
        yield _text(_name(watched), scales.x(scales.layers - 1) + 8, ends[w] + 4, anchor="start", kind="ld-end")


def _text(text: str, x: float, y: float, *, anchor: str, kind: str = "ld-tick") -> Element:
    return element("text", {"class": kind, "x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}, text)


def _apart(places: list[float], least: float = 14) -> list[float]:
    """The places of labels, moved down where they would cover each other."""
    found, last = list(places), -math.inf
    for index in sorted(range(len(places)), key=places.__getitem__):
        last = found[index] = max(places[index], last + least)
    return found


def _numbers(record: Watch) -> Iterator[tuple[Cell, ...]]:
    for index, text in enumerate(record.texts, 1):
        for layer, ranks, probs in zip(record.layers, text.ranks, text.probs, strict=True):
            for watched, rank, prob in zip(record.watched, ranks, probs, strict=True):
                yield index, layer, text.position, watched.text, rank, prob


EXPLORABLE = Explorable(
    options={},
    draw=draw,
    method=lambda record: lens_method(final_norm=record.final_norm),
    table=Table(("text", "layer", "position", "token", "rank", "probability"), _numbers),
)
