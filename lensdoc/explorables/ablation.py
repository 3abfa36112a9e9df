"""The figure of kind `ablation`: a bar for each part, before the band of its random controls."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lensdoc.explorables.display import quoted, visible
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.grids import readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import digits, fixed
from lensdoc.explorables.shared import SIZES, heads, said
from lensdoc.records.ablation import Ablation, Removed
from lensdoc.records.tokens import Token

_WIDTH: int = SIZES["experiments"]["width"]
_HEIGHT: int = SIZES["experiments"]["height"]
_END: dict[str, str | None] = {"style": "text-align: end"}
_LAST: dict[str, str | None] = {"style": "text-align: end; padding-inline-end: 0"}
_MOST_DECIMALS: int = SIZES["experiments"]["decimals"]
"""Smaller changes are written with an exponent."""
_NEAR: float = SIZES["experiments"]["near"]
"""An end of the bars this near to 0, in parts of the whole, has no label."""
_FINE = {"vector-effect": "non-scaling-stroke"}
"""Strokes stay as wide as they are where the drawing is stretched."""
_HINT = said("logit-attribution.hint")
_NAMES = {"blocks": "block", "heads": "head", "neurons": "neuron"}


def draw(record: Ablation, options: Mapping[str, Any]) -> Element:
    """The custom element: a table with a bar in each row, and a line that sums up."""
    span = options.get("span")
    low, high = (-span[0], span[1]) if span else _bounds(record)
    without, change, controls = heads("ablation.heads")
    shown = _writer(low, high)
    head = element(
        "tr",
        None,
        element("th", {"scope": "col"}, without),
        element("th", {"scope": "col", "style": "width: 40%; min-width: 6em"}, _axis(low, high, shown)),
        element("th", {"scope": "col", **_END}, change),
        element("th", {"scope": "col", **_LAST}, controls),
    )
    rows = [_row(record, index, low, high, shown) for index in range(len(record.parts))]
    caption = element("caption", {"class": "ld-unseen"}, said("ablation.caption", outcome=_outcome(record)))
    table = element(
        "table",
        {
            "class": "ld-table ld-bars",
            "style": "width: 100%; max-width: 44em; font-size: 0.85em; border-bottom: 1px solid var(--ld-rule)",
        },
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


def _writer(low: float, high: float) -> Callable[[float], str]:
    """Changes with as many decimals each as the largest has of three digits, so that their points stand below each other."""
    decimals = max(0, 2 - math.floor(math.log10(max(-low, high))))
    return digits if decimals > _MOST_DECIMALS else lambda value: _signed(value, decimals)


def _signed(value: float, decimals: int) -> str:
    text = fixed(value, decimals)
    return f"+{text}" if value > 0 and text.strip("0.") else text


def _axis(low: float, high: float, shown: Callable[[float], str]) -> Element:
    """What the ends of bars stand for, but for one too near to 0, and where 0 is."""
    place = -low / (high - low) + 0.0
    first, last = place < _NEAR, place > 1 - _NEAR
    ends = ("" if first else shown(low), "" if last else shown(high))
    zero = f"position: absolute; inset-inline-start: {100 * place:.1f}%; translate: {0 if first else -100 if last else -50}%"
    return element(
        "span",
        {"style": "display: flex; justify-content: space-between; position: relative"},
        *(element("span", None, end) for end in ends),
        element("span", {"style": zero}, "0"),
    )


def _row(record: Ablation, index: int, low: float, high: float, shown: Callable[[float], str]) -> Element:
    part, change = record.parts[index], record.changes[index]
    cells = (
        element("th", {"scope": "row"}, visible(part.name), element("span", {"class": "ld-figure"}, _what(part))),
        element("td", None, _bar(change, record.controls[index], low, high)),
        element("td", _END, shown(change)),
        element("td", _LAST, _range(record.controls[index], shown)),
    )
    return element("tr", None, *cells)


def _what(part: Removed) -> str:
    one, count = part.layers[0], len(part.layers)
    layers = said("ablation.layer", layer=one) if count == 1 else said("ablation.layers", count=count)
    if part.kind == "blocks":
        return said("ablation.block", layer=one) if part.size == 1 else said("ablation.blocks", size=part.size)
    if part.kind == "heads" and part.size == 1:
        return said("ablation.head", head=part.members[0][1], layers=layers)
    noun = _NAMES[part.kind] + ("" if part.size == 1 else "s")
    return said("ablation.part", size=f"{part.size:,}", noun=noun, layers=layers)


def _range(controls: tuple[float, ...], shown: Callable[[float], str] = digits) -> str:
    if not controls:
        return said("ablation.none")
    low, high = shown(min(controls)), shown(max(controls))
    return low if low == high else said("ablation.axis", low=low, high=high)


def _bar(change: float, controls: tuple[float, ...], low: float, high: float) -> Element:
    """From 0 to the change, before the band of the controls."""

    def x(value: float) -> float:
        return _WIDTH * (value - low) / (high - low)

    parts = []
    if controls:
        first, last = x(min(controls)), x(max(controls))
        parts.append(_rect("ld-range ld-border", first, max(last - first, 1), 1, _HEIGHT - 2))
    start, end = sorted((x(0), x(change)))
    parts.append(_rect("ld-dot", start, max(end - start, 1), 7, _HEIGHT - 14))
    parts.append(element("path", {"class": "ld-zero", "d": f"M{x(0):.1f},0V{_HEIGHT}", **_FINE}))
    view = f"0 0 {_WIDTH} {_HEIGHT}"
    size = {"width": "100%", "height": f"{_HEIGHT}", "viewBox": view, "preserveAspectRatio": "none", "style": "display: block"}
    return element("svg", {**size, "aria-hidden": "true"}, *parts)


def _rect(kind: str, x: float, width: float, y: float, height: float) -> Element:
    at = {"x": f"{x:.1f}", "width": f"{width:.1f}", "y": f"{y:g}", "height": f"{height:g}", **_FINE}
    return element("rect", {"class": kind, "data-hue": "1", **at})


def _outcome(record: Ablation) -> str:
    several = len(record.starts) > 1
    if record.answer is not None:
        less = "" if record.wrong is None else said("ablation.less", wrong=_named(record.wrong))
        texts = said("ablation.answerTexts") if several else ""
        return said(
            "ablation.answerAtMask" if record.masks else "ablation.answer", answer=_named(record.answer), less=less, texts=texts
        )
    texts = said("ablation.probTexts") if several else ""
    what = "ablation.logProb" if record.outcome == "log_prob" else "ablation.prob"
    return said(f"{what}Filled" if record.sees_all else what, texts=texts)


def _named(text: str) -> str:
    return quoted((Token(id=0, text=text, kind="output"),), 0)


def _said(record: Ablation, index: int) -> str:
    part, controls = record.parts[index], record.controls[index]
    return said(
        "ablation.alone" if not controls else "ablation.one" if len(controls) == 1 else "ablation.many",
        part=visible(part.name),
        what=_what(part),
        change=digits(record.changes[index]),
        count=len(controls),
        controls=_range(controls),
    )


def _summary(record: Ablation) -> str:
    fill = said("ablation.mean" if record.replace == "mean" else "ablation.zero")
    where = "" if record.positions is None else _positions(record.positions)
    return said("ablation.summary", outcome=_outcome(record), whole=digits(record.whole), fill=fill, where=where)


def _positions(positions: tuple[int, ...]) -> str:
    if len(positions) == 1:
        return said("ablation.atOne", position=positions[0])
    return said("ablation.atMany", count=len(positions))


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
