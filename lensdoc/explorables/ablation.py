"""The figure of kind `ablation`: a bar for each part, before the band of its random controls."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lensdoc.explorables.display import quoted, visible
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.grids import readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import digits
from lensdoc.records.ablation import Ablation, Removed
from lensdoc.records.tokens import Token

_WIDTH, _HEIGHT = 200, 24
_WIDTHS = (None, "width: 45%; min-width: 6em", None, None)
_FINE = {"vector-effect": "non-scaling-stroke"}
"""Strokes stay as wide as they are where the drawing is stretched."""
_HINT = "Point at a part."
_NAMES = {"blocks": "block", "heads": "head", "neurons": "neuron"}


def draw(record: Ablation, options: Mapping[str, Any]) -> Element:
    """The custom element: a table with a bar in each row, and a line that sums up."""
    span = options.get("span")
    low, high = (-span[0], span[1]) if span else _bounds(record)
    names = ("Without", _axis(low, high), "Change", "Controls")
    head = element(
        "tr", None, *(element("th", {"scope": "col", "style": style}, name) for name, style in zip(names, _WIDTHS, strict=True))
    )
    rows = [_row(record, index, low, high) for index in range(len(record.parts))]
    caption = element("caption", {"class": "ld-unseen"}, f"How the {_outcome(record)} changes without each part")
    table = element(
        "table",
        {"class": "ld-table ld-bars", "style": "width: 100%; max-width: 44em; font-size: 0.85em"},
        caption,
        element("thead", None, head),
        element("tbody", None, *rows),
    )
    data = {"said": [_said(record, index) for index in range(len(record.parts))]}
    return element(
        "lens-ablation",
        {"class": "ld-ablation", "data-search-exclude": ""},
        element("div", {"class": "ld-scroll"}, table),
        readout(_summary(record), _HINT),
        element("template", {"class": "ld-data"}, json.dumps(data)),
    )


def _bounds(record: Ablation) -> tuple[float, float]:
    every = [0.0, *record.changes, *(value for row in record.controls for value in row)]
    low, high = min(every), max(every)
    return (low, high) if high > low else (low - 1, high)


def _span(record: Ablation, _: Mapping[str, Any]) -> tuple[float, float]:
    low, high = _bounds(record)
    return -low, high


def _axis(low: float, high: float) -> str:
    """What the ends of bars stand for, in words that the head of a column has room for."""
    return f"{digits(low)} to {digits(high)}"


def _row(record: Ablation, index: int, low: float, high: float) -> Element:
    part, change = record.parts[index], record.changes[index]
    cells = (
        element("th", {"scope": "row"}, visible(part.name), element("span", {"class": "ld-figure"}, _what(part))),
        element("td", None, _bar(change, record.controls[index], low, high)),
        element("td", None, digits(change)),
        element("td", None, _range(record.controls[index])),
    )
    return element("tr", None, *cells)


def _what(part: Removed) -> str:
    layers = f"layer {part.layers[0]}" if len(part.layers) == 1 else f"{len(part.layers)} layers"
    noun = _NAMES[part.kind]
    if part.kind == "blocks":
        return f"block {part.layers[0]}" if part.size == 1 else f"{part.size} blocks"
    if part.kind == "heads" and part.size == 1:
        return f"head {part.members[0][1]} of {layers}"
    return f"{part.size:,} {noun}{'' if part.size == 1 else 's'} in {layers}"


def _range(controls: tuple[float, ...]) -> str:
    if not controls:
        return "none"
    low, high = digits(min(controls)), digits(max(controls))
    return low if low == high else f"{low} to {high}"


def _bar(change: float, controls: tuple[float, ...], low: float, high: float) -> Element:
    """From 0 to the change, before the band of the controls, with a stroke for each."""

    def x(value: float) -> float:
        return _WIDTH * (value - low) / (high - low)

    parts = []
    if controls:
        first, last = x(min(controls)), x(max(controls))
        parts.append(_rect("ld-range", first, max(last - first, 1), 1, _HEIGHT - 2))
        strokes = "".join(f"M{x(value):.1f},1V{_HEIGHT - 1}" for value in controls)
        parts.append(element("path", {"class": "ld-boundary", "d": strokes, **_FINE}))
    start, end = sorted((x(0), x(change)))
    parts.append(_rect("ld-dot", start, max(end - start, 1), 7, _HEIGHT - 14))
    parts.append(element("path", {"class": "ld-zero", "d": f"M{x(0):.1f},0V{_HEIGHT}", **_FINE}))
    view = f"0 0 {_WIDTH} {_HEIGHT}"
    size = {"width": "100%", "height": f"{_HEIGHT}", "viewBox": view, "preserveAspectRatio": "none"}
    return element("svg", {**size, "aria-hidden": "true"}, *parts)


def _rect(kind: str, x: float, width: float, y: float, height: float) -> Element:
    at = {"x": f"{x:.1f}", "width": f"{width:.1f}", "y": f"{y:g}", "height": f"{height:g}"}
    return element("rect", {"class": kind, "data-hue": "1", **at})


def _outcome(record: Ablation) -> str:
    several = len(record.starts) > 1
    if record.answer is not None:
        less = "" if record.wrong is None else f" less that of {_named(record.wrong)}"
        return f"logit of {_named(record.answer)}{less}{', as a mean over texts,' if several else ''}"
    what = "log-probability" if record.outcome == "log_prob" else "probability"
    return f"mean {what} of the produced tokens{' of all texts' if several else ''}"


def _named(text: str) -> str:
    return quoted((Token(id=0, text=text, kind="output"),), 0)


def _said(record: Ablation, index: int) -> str:
    part, controls = record.parts[index], record.controls[index]
    change = f"Without {visible(part.name)} ({_what(part)}): {digits(record.changes[index])}"
    if not controls:
        return f"{change}; there are no others of its size."
    several = f"{len(controls)} random ones of its size" if len(controls) > 1 else "a random one of its size"
    return f"{change}; without {several}: {_range(controls)}."


def _summary(record: Ablation) -> str:
    fill = "its mean" if record.replace == "mean" else "0"
    where = "" if record.positions is None else f" at {_positions(record.positions)}"
    return (
        f"The {_outcome(record)} is {digits(record.whole)}. Bars: its change when a part gives {fill}{where}; grey: random parts "
        "of the same size."
    )


def _positions(positions: tuple[int, ...]) -> str:
    return f"token {positions[0]}" if len(positions) == 1 else f"{len(positions)} tokens"


def _method(record: Ablation) -> str:
    mean = "the mean of what it gives over these texts" + (f", their first {record.skip} left out," if record.skip > 1 else "")
    mean += " without first tokens," if record.skip == 1 else ""
    fill = mean if record.replace == "mean" else "0, which may be far from anything that it ever gives,"
    return (
        f"Ablation: each part gives {fill} in place of what it computes, and the rest is computed anew. What others do in its "
        "place does not show, so a small change does not mean that a part does nothing; compare a large one with random parts."
    )


def _numbers(record: Ablation) -> Iterator[tuple[Cell, ...]]:
    for part, change, controls in zip(record.parts, record.changes, record.controls, strict=True):
        yield part.name, part.kind, part.size, "part", change
        for value in controls:
            yield part.name, part.kind, part.size, "control", value


EXPLORABLE = Explorable(
    options={},
    draw=draw,
    method=_method,
    table=Table(("part", "kind", "size", "measured", "change"), _numbers),
    states={"part": lambda record: range(1, len(record.parts) + 1)},
    span=_span,
    family="causal",
)
