"""The figure of kind `watch`: ranks of chosen tokens over the layers, as lines and as a table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lensdoc.explorables.blanks import blank_title
from lensdoc.explorables.charts import LINE, apart, label
from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.grids import HINT, decades, grid_element, legend, lens_method, lens_name, rank_cell, readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import percent
from lensdoc.explorables.shared import SIZES, said
from lensdoc.explorables.tints import HUES
from lensdoc.records.lens import LensInfo
from lensdoc.records.tokens import Token
from lensdoc.records.watch import Watch, Watched, WatchedText

_SIZES = SIZES["watch"]
_WIDTH: int = _SIZES["width"]
_LOWEST: int = _SIZES["lowest"]
_HIGHEST: int = _SIZES["highest"]
_ROW: int = _SIZES["row"]
"""Of more layers the chart is higher, as the table beside it is."""
_LEFT: int = _SIZES["left"]
_LETTER: float = _SIZES["letter"]
"""Width of a letter of a name."""
_TOP: int = _SIZES["top"]
_BOTTOM: int = _SIZES["bottom"]
_TICK: int = _SIZES["tick"]
"""Between the middles of labels beside each other."""
_NAME: int = _SIZES["name"]
"""Characters of a name at the end of its line; the head of the column has all of them."""
_DASHES: list[str] = _SIZES["dashes"]
"""How lines are told apart without colour."""
_BESIDE = "grid-template-columns: repeat(auto-fit, minmax(min(100%, 430px), 1fr))"
"""Texts stand beside each other where letters of a chart beside its table have 11 pixels."""


def draw(record: Watch, options: Mapping[str, Any]) -> Element:
    """The custom element: for each text the prompt with its blank, the lines, the table; several stand side by side."""
    scales = _Scales.of(record, options.get("span"))
    several = len(record.texts) > 1
    texts = [_text_part(record, text, scales, i) for i, text in enumerate(record.texts)]
    parts = [element("div", {"class": "ld-texts", "style": _BESIDE}, *texts)] if several else texts
    return element(
        "lens-watch",
        {"class": "ld-watch", "data-search-exclude": ""},
        *parts,
        legend(scales.end),
        readout(_summary(record), HINT),
    )


def _text_part(record: Watch, text: WatchedText, scales: _Scales, index: int) -> Element:
    where, number = _where(record, index), index + 1 if len(record.texts) > 1 else None
    title = blank_title(text.tokens, text.position, both_sides=record.sees_all)
    if len(_lenses(record)) > 1:
        title.append(element("span", {"class": "ld-other"}, f"By {lens_name(text.lens)}"))
    names = [_name(watched) for watched in record.watched]
    heads = [
        element("th", {"scope": "col", "data-name": name + where, "data-at": str(w)}, element("span", {"class": "ld-word"}, name))
        for w, name in enumerate(names, 1)
    ]
    rows = [
        (layer, [_cell(rank, prob, scales.end) for rank, prob in zip(ranks, probs, strict=True)])
        for layer, ranks, probs in zip(record.layers, text.ranks, text.probs, strict=True)
    ]
    caption = said("watch.caption", where=where)
    grid = grid_element(heads, rows, caption, ("word", None if number is None else f"text={number}"))
    grid.set("style", "flex: auto")
    panels = element("div", {"class": "ld-panels"}, _chart(record, text, scales), grid)
    return element("div", {"class": "ld-text"}, title, panels)


def _cell(rank: int, prob: float, end: int) -> Element:
    """A rank written out, as at the axis, on a tint that ends where the axis does."""
    cell = rank_cell(rank, prob, end)
    cell.text = f"{rank:,}"
    cell.attrib.pop("data-rank", None)
    return cell


def _summary(record: Watch) -> str:
    several = len(record.texts) > 1
    last = record.layers[-1]
    after = said("watch.last") if last == record.model.layers - 1 else said("watch.layer", layer=last)
    same = len({(text.tokens, text.position) for text in record.texts}) == 1
    if several and same and last == record.model.layers - 1 and len(_lenses(record)) > 1:  # which lenses leave as it is
        return said("watch.summary", after=f"{after}, by every lens", texts=_last(record, record.texts[0]))
    found = [(f"{_where(record, i)[1:]} " if several else "") + _last(record, text) for i, text in enumerate(record.texts)]
    return said("watch.summary", after=after, texts="; ".join(found))


def _lenses(record: Watch) -> list[LensInfo | None]:
    """Those of the texts, each once."""
    return [lens for i, text in enumerate(record.texts) if (lens := text.lens) not in [one.lens for one in record.texts[:i]]]


def _where(record: Watch, index: int) -> str:
    """Which of several texts, or of several lenses, is meant."""
    if len(record.texts) == 1:
        return ""
    places = list(dict.fromkeys((text.tokens, text.position) for text in record.texts))
    text, lenses = record.texts[index], len(_lenses(record))
    place = places.index((text.tokens, text.position)) if lenses > 1 else index
    number = said("watch.where", number=place + 1) if len(places) > 1 or lenses == 1 else ""
    return number + (f" by {lens_name(text.lens)}" if lenses > 1 else "")


def _last(record: Watch, text: WatchedText) -> str:
    last = sorted(zip(text.ranks[-1], text.probs[-1], map(_name, record.watched), strict=True))
    return ", ".join(said("watch.rank", token=word, rank=f"{rank:,}", prob=percent(prob)) for rank, prob, word in last)


def _name(watched: Watched) -> str:
    return quoted((Token(id=watched.id, text=watched.text, kind="output"),), 0)


@dataclass(frozen=True)
class _Scales:
    """Places in the chart: layers across, ranks downwards on a logarithmic axis from 1 to a round number beyond all of them."""

    layers: tuple[int, ...]
    end: int
    names: float
    """Room at the end of lines for the longest name."""

    @classmethod
    def of(cls, record: Watch, span: tuple[float, ...] | None) -> _Scales:
        """The same for all texts of a record, and for records beside each other."""
        longest = max(len(_short(_name(watched))) for watched in record.watched)
        return cls(record.layers, _round_rank(int((span or _span(record))[0])), 12 + _LETTER * longest)

    @property
    def height(self) -> int:
        """That of the drawing."""
        return min(_HIGHEST, max(_LOWEST, _ROW * len(self.layers)))

    @property
    def right(self) -> float:
        """Where the last layer stands."""
        return self.x(self.layers[-1])

    def x(self, layer: int) -> float:
        """Across: layers that were left out leave a gap."""
        first, last = self.layers[0], self.layers[-1]
        return _LEFT + (layer - first) * (_WIDTH - _LEFT - self.names) / max(last - first, 1)

    def y(self, rank: int) -> float:
        """Down."""
        return _TOP + (self.height - _TOP - _BOTTOM) * math.log(rank) / math.log(self.end)


def _span(record: Watch) -> tuple[float]:
    """The largest rank that is drawn."""
    return (max(rank for text in record.texts for ranks in text.ranks for rank in ranks),)


def _round_rank(rank: int) -> int:
    """The first of 10, 20, 50, 100 and so on that is not below a rank."""
    power: int = 10 ** max(1, math.floor(math.log10(rank)))
    return next(power * step for step in (1, 2, 5, 10) if power * step >= rank)


def _chart(record: Watch, text: WatchedText, scales: _Scales) -> Element:
    parts = [*_axes(record, scales), *_lines(record, text, scales)]
    view = f"0 0 {_WIDTH} {scales.height}"
    return element("svg", {"class": "ld-chart", "viewBox": view, "style": "max-width: 20em", "aria-hidden": "true"}, *parts)


def _axes(record: Watch, scales: _Scales) -> Iterator[Element]:
    left, right = f"{_LEFT:g}", f"{scales.right:.1f}"
    for rank in _rank_ticks(scales):
        at = scales.y(rank)
        yield element("line", {"class": "ld-rule", "x1": left, "x2": right, "y1": f"{at:.1f}", "y2": f"{at:.1f}"})
        yield label(f"{rank:,}", _LEFT - 8, at + 4, anchor="end")
    for layer in _layer_ticks(record.layers, scales):
        yield label(str(layer), scales.x(layer), scales.height - 22, anchor="middle")
    yield label(said("watch.across"), (_LEFT + scales.right) / 2, scales.height - 4, anchor="middle")
    yield label(said("watch.down"), 0, _TOP - 16, anchor="start")


def _rank_ticks(scales: _Scales) -> list[int]:
    """Powers of ten and the end, which drives away what would touch it."""
    end = scales.end
    return [1, *(rank for rank in decades(end) if scales.y(end) - scales.y(rank) >= LINE), end]


def _layer_ticks(layers: tuple[int, ...], scales: _Scales) -> list[int]:
    """The first and the last layer, and between them as many as have room."""
    kept = [layers[-1]]
    for layer in (layers[0], *layers[1:]):
        if all(abs(scales.x(layer) - scales.x(other)) >= _TICK for other in kept):
            kept.append(layer)
    return sorted(kept)


def _lines(record: Watch, text: WatchedText, scales: _Scales) -> Iterator[Element]:
    ends = apart([scales.y(rank) for rank in text.ranks[-1]], LINE, scales.y(scales.end))
    for w, watched in enumerate(record.watched):
        found = zip(record.layers, text.ranks, strict=True)
        points = "L".join(f"{scales.x(layer):.1f},{scales.y(ranks[w]):.1f}" for layer, ranks in found)
        dashes = _DASHES[w % len(_DASHES)] or None
        yield element(
            "path", {"class": "ld-series", "data-hue": str(w % HUES + 1), "stroke-dasharray": dashes, "d": f"M{points}"}
        )
        yield label(_short(_name(watched)), scales.right + 8, ends[w] + 4, anchor="start", hue=str(w % HUES + 1))


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
    method=lambda record: lens_method(final_norm=record.final_norm, masked=record.sees_all, lenses=_lenses(record)),
    table=Table(("text", "layer", "position", "token", "rank", "probability"), _numbers),
    span=lambda record, _: _span(record),
    states={
        "text": lambda record: range(1, len(record.texts) + 1) if len(record.texts) > 1 else (),
        "layer": lambda record: record.layers,
        "word": lambda record: range(1, len(record.watched) + 1),
    },
    together=("text", "layer", "word"),
)
