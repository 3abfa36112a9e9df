"""Rows of sparklines over the tokens, one a factor."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.shared import SIZES, SPARKLINE_POINTS
from lensdoc.explorables.tints import HUES

CHART_HEIGHT: int = SIZES["sparklines"]["height"]
"""Height of a sparkline in its own units."""


@dataclass(frozen=True)
class Row:
    """A sparkline to be drawn."""

    number: int
    """Number of the factor, from 1."""
    values: Sequence[float]
    limit: float
    """What the full height stands for."""
    clipped: Sequence[int] = ()
    """Where the line goes beyond it."""
    left_out: Sequence[int] = ()
    """Where nothing was measured: the line has a gap."""
    mark: str = ""
    """What stands beside its name; nothing at any row, or something at each."""


def hue(number: int) -> str:
    """Hue of a factor by its number."""
    return str((number - 1) % HUES + 1)


def swatch(number: int) -> tuple[str, str]:
    """Hue and label of a factor by its number."""
    return hue(number), f"F{number}"


def sparkline(values: Sequence[float], limit: float | None = None, *, signed: bool = False, left_out: Sequence[int] = ()) -> str:
    """The path of a sparkline, clipped at `limit`: the line through the tokens, closed along the base.

    The base is the lower edge, or where values are signed the middle. Where tokens were left out there is a gap.
    """
    limit = (max(map(abs, values), default=0) if limit is None else limit) or 1
    base = CHART_HEIGHT // 2 if signed else CHART_HEIGHT

    def y(x: int) -> int:
        return math.floor(base * (1 - max(-1.0, min(1.0, values[x] / limit))) + 0.5)

    def stretch(places: Sequence[int]) -> str:
        return f"M{'L'.join(f'{x},{y(x)}' for x in places)}V{base}H{places[0]}Z"

    return "".join(map(stretch, stretches(points(values), left_out)))


def points(values: Sequence[float]) -> list[int]:
    """Which values a sparkline is drawn through: all, or the ends and the largest of each stretch."""
    count = len(values)
    if count <= SPARKLINE_POINTS:
        return list(range(count))
    wide = math.ceil(count / SPARKLINE_POINTS)
    largest = (max(range(x, min(x + wide, count)), key=lambda p: abs(values[p])) for x in range(0, count, wide))
    return sorted({0, *largest, count - 1})


def stretches(places: Sequence[int], left_out: Sequence[int]) -> list[list[int]]:
    """Places that follow each other without one that was left out between them."""
    gaps, found = sorted(left_out), [list[int]()]
    for place in places:
        while gaps and gaps[0] < place:
            gaps.pop(0)
            found.append([])
        if place not in gaps[:1]:
            found[-1].append(place)
    return [one for one in found if one]


def sparklines(
    rows: Sequence[Row], *, signed: bool, ends: tuple[str, str], marks: Sequence[Element] = (), direction: str = "ltr"
) -> Element:
    """The sparklines above their axis, in the direction of the text; `marks` are paths that every one of them has."""
    labels = (element("span", None, text) for text in ends)
    axis = element("div", {"class": "ld-axis", "aria-hidden": "true"}, *labels)
    drawn = (_row(row, signed=signed, marks=marks, mirrored=direction == "rtl") for row in rows)
    marked = "" if any(row.mark for row in rows) else None
    attributes = {"class": "ld-sparklines", "dir": direction, "data-marked": marked}
    return element("div", attributes, element("div", {"class": "ld-rows"}, *drawn), axis)


def upright(kind: str, places: Iterable[float]) -> list[Element]:
    """A path of upright lines; nothing for no places."""
    lines = "".join(f"M{place:g},0V{CHART_HEIGHT}" for place in places)
    return [element("path", {"class": kind, "d": lines})] if lines else []


def _row(row: Row, *, signed: bool, marks: Sequence[Element], mirrored: bool) -> Element:
    width = max(len(row.values) - 1, 1)
    middle = CHART_HEIGHT // 2
    path = sparkline(row.values, row.limit, signed=signed, left_out=row.left_out)
    zero = [element("path", {"class": "ld-zero", "d": f"M0,{middle}H{width}"})] if signed else []
    drawn = (*marks, *zero, element("path", {"class": "ld-area", "d": path}))
    chart = element(
        "svg",
        {"viewBox": f"0 0 {width} {CHART_HEIGHT}", "preserveAspectRatio": "none", "aria-hidden": "true"},
        *([element("g", {"transform": f"translate({width} 0) scale(-1 1)"}, *drawn)] if mirrored else drawn),
    )
    mark = [element("span", {"class": "ld-steady"}, row.mark)] if row.mark else []
    name = element("span", {"class": "ld-name"}, f"F{row.number}", *mark)
    beyond = (_beyond(x / width, "▲" if row.values[x] > 0 else "▼") for x in row.clipped)
    attributes: dict[str, str | None] = {"class": "ld-row", "data-factor": str(row.number), "data-hue": hue(row.number)}
    return element("div", attributes, name, chart, *beyond)


def _beyond(place: float, mark: str) -> Element:
    return element("span", {"class": "ld-beyond", "style": f"--ld-at: {place:.4g}", "aria-hidden": "true"}, mark)
