"""The figure of kind `watch`: ranks of chosen tokens over the layers, as lines and as a table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lensdoc.explorables.characters import direction
from lensdoc.explorables.charts import LINE, apart, label
from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.folds import line_content
from lensdoc.explorables.grids import HINT, decades, grid_element, lens_method, lens_name, rank_cell, readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import percent
from lensdoc.explorables.tints import HUES
from lensdoc.records.lens import LensInfo
from lensdoc.records.tokens import Token
from lensdoc.records.watch import Watch, Watched, WatchedText

_WIDTH, _HEIGHT = 400, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 100, 32, 40
_TICK = 24
"""Between the middles of labels beside each other."""
_NAME = 10
"""Characters of a name at the end of its line; the head of the column has all of them."""
_DASHES = ("", "6 3", "2 3", "8 3 2 3")
"""How lines are told apart without colour."""


def draw(record: Watch, options: Mapping[str, Any]) -> Element:
    """The custom element: for each text the prompt with its blank, the lines, the table; several stand side by side."""
    del options
    scales = _Scales.of(record)
    several = len(record.texts) > 1
    texts = [_text_part(record, text, scales, _where(record, i)) for i, text in enumerate(record.texts)]
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
        *([element("span", {"class": "ld-other"}, f"By {lens_name(text.lens)}")] if len(_lenses(record)) > 1 else []),
    )
    names = [_name(watched) for watched in record.watched]
    heads = [
        element("th", {"scope": "col", "data-name": name + where}, element("span", {"class": "ld-word"}, name)) for name in names
    ]
    vocabulary = record.model.vocabulary
    rows = [
        (layer, [rank_cell(rank, prob, vocabulary) for rank, prob in zip(ranks, probs, strict=True)])
        for layer, ranks, probs in zip(record.layers, text.ranks, text.probs, strict=True)
    ]
    grid = grid_element(heads, rows, f"Rank of each watched token{where}, in the columns, after each layer, in the rows")
    panels = element("div", {"class": "ld-panels"}, _chart(record, text, scales), grid)
    return element("div", {"class": "ld-text"}, title, panels)


def _summary(record: Watch) -> str:
    several = len(record.texts) > 1
    same = len({(text.tokens, text.position) for text in record.texts}) == 1
    if several and same and record.layers[-1] == record.model.layers - 1:  # which lenses leave as it is
        return f"After {_after(record)}, by every lens: {_last(record, record.texts[0])}."
    found = [(f"{_where(record, i)[1:]} " if several else "") + _last(record, text) for i, text in enumerate(record.texts)]
    return f"After {_after(record)}: {'; '.join(found)}."


def _after(record: Watch) -> str:
    last = record.layers[-1]
    return "the last layer" if last == record.model.layers - 1 else f"layer {last}, the last of those shown"


def _lenses(record: Watch) -> list[LensInfo | None]:
    """Those of the texts, each once."""
    return [lens for i, text in enumerate(record.texts) if (lens := text.lens) not in [one.lens for one in record.texts[:i]]]


def _where(record: Watch, index: int) -> str:
    """Which of several texts, or of several lenses, is meant."""
    if len(record.texts) == 1:
        return ""
    places = list(dict.fromkeys((text.tokens, text.position) for text in record.texts))
    text = record.texts[index]
    number = f" in text {places.index((text.tokens, text.position)) + 1}" if len(places) > 1 else ""
    return number + (f" by {lens_name(text.lens)}" if len(_lenses(record)) > 1 else "")


def _last(record: Watch, text: WatchedText) -> str:
    last = sorted(zip(text.ranks[-1], text.probs[-1], map(_name, record.watched), strict=True))
    return ", ".join(f"{word} rank {rank:,} ({percent(prob)})" for rank, prob, word in last)


def _name(watched: Watched) -> str:
    return quoted((Token(id=watched.id, text=watched.text, kind="output"),), 0)


@dataclass(frozen=True)
class _Scales:
    """Places in the chart: layers across, ranks downwards on a logarithmic axis from 1 to the size of the vocabulary."""

    layers: tuple[int, ...]
    vocabulary: int

    @classmethod
    def of(cls, record: Watch) -> _Scales:
        """The same for all texts of a record, and for all records of a model."""
        return cls(record.layers, max(record.model.vocabulary, 10))

    @property
    def right(self) -> float:
        """Where the last layer stands."""
        return self.x(self.layers[-1])

    def x(self, layer: int) -> float:
        """Across: layers that were left out leave a gap."""
        first, last = self.layers[0], self.layers[-1]
        return _LEFT + (layer - first) * (_WIDTH - _LEFT - _RIGHT) / max(last - first, 1)

    def y(self, rank: int) -> float:
        """Down."""
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * math.log(rank) / math.log(self.vocabulary)


def _chart(record: Watch, text: WatchedText, scales: _Scales) -> Element:
    parts = [*_axes(record, scales), *_lines(record, text, scales)]
    return element("svg", {"class": "ld-chart", "viewBox": f"0 0 {_WIDTH} {_HEIGHT}", "aria-hidden": "true"}, *parts)


def _axes(record: Watch, scales: _Scales) -> Iterator[Element]:
    left, right = f"{_LEFT:g}", f"{scales.right:.1f}"
    for rank in _rank_ticks(scales):
        at = scales.y(rank)
        yield element("line", {"class": "ld-rule", "x1": left, "x2": right, "y1": f"{at:.1f}", "y2": f"{at:.1f}"})
        yield label(f"{rank:,}", _LEFT - 8, at + 4, anchor="end")
    for layer in _layer_ticks(record.layers, scales):
        yield label(str(layer), scales.x(layer), _HEIGHT - 22, anchor="middle")
    yield label("layer", (_LEFT + scales.right) / 2, _HEIGHT - 4, anchor="middle")
    yield label("rank", _LEFT - 8, _TOP - 14, anchor="end")


def _rank_ticks(scales: _Scales) -> list[int]:
    """Powers of ten and the vocabulary's last rank, which drives away what would touch it."""
    end = scales.vocabulary
    return [1, *(rank for rank in decades(end) if scales.y(end) - scales.y(rank) >= LINE), end]


def _layer_ticks(layers: tuple[int, ...], scales: _Scales) -> list[int]:
    """The first and the last layer, and between them as many as have room."""
    kept = [layers[-1]]
    for layer in (layers[0], *layers[1:]):
        if all(abs(scales.x(layer) - scales.x(other)) >= _TICK for other in kept):
            kept.append(layer)
    return sorted(kept)


def _lines(record: Watch, text: WatchedText, scales: _Scales) -> Iterator[Element]:
    ends = apart([scales.y(rank) for rank in text.ranks[-1]], LINE, scales.y(scales.vocabulary))
    for w, watched in enumerate(record.watched):
        found = zip(record.layers, text.ranks, strict=True)
        points = "L".join(f"{scales.x(layer):.1f},{scales.y(ranks[w]):.1f}" for layer, ranks in found)
        dashes = _DASHES[w % len(_DASHES)] or None
        yield element(
            "path", {"class": "ld-series", "data-hue": str(w % HUES + 1), "stroke-dasharray": dashes, "d": f"M{points}"}
        )
        yield label(_short(_name(watched)), scales.right + 8, ends[w] + 4, anchor="start", kind="ld-end")


def _short(name: str) -> str:
    """A name in quotation marks, cut where it is long."""
    return name if len(name) <= _NAME + 2 else f"{name[:_NAME]}…’"


def _numbers(record: Watch) -> Iterator[tuple[Cell, ...]]:
    for index, text in enumerate(record.texts, 1):
        for layer, ranks, probs in zip(record.layers, text.ranks, text.probs, strict=True):
            for watched, rank, prob in zip(record.watched, ranks, probs, strict=True):
                yield index, layer, text.position, watched.text, rank, prob


EXPLORABLE = Explorable(
    options={},
    draw=draw,
    method=lambda record: lens_method(final_norm=record.final_norm, lenses=_lenses(record)),
    table=Table(("text", "layer", "position", "token", "rank", "probability"), _numbers),
)
