"""Charts of lines: their axes, labels that do not cover each other, and a band behind them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.numbers import digits
from lensdoc.explorables.shared import SIZES

LINE: int = SIZES["chart"]["line"]
"""Between the middles of labels below each other."""
_WIDTH: int = SIZES["chart"]["width"]
_HEIGHT: int = SIZES["chart"]["height"]
_LEFT: int = SIZES["chart"]["left"]
_RIGHT: int = SIZES["chart"]["right"]
_TOP: int = SIZES["chart"]["top"]
_BOTTOM: int = SIZES["chart"]["bottom"]
_TICKS: int = SIZES["chart"]["ticks"]


@dataclass(frozen=True)
class Series:
    """A line, with what stands at its end."""

    name: str
    values: Sequence[float]
    dashes: str | None = None
    """How it is told apart without colour."""
    hue: str = "1"


@dataclass(frozen=True)
class Chart:
    """Lines over places from the first to the last, and the words at its axes."""

    places: Sequence[float]
    series: Sequence[Series]
    across: str
    down: str
    ticks: Sequence[tuple[float, str]]
    """Labels of the axis below: places and texts."""
    band: tuple[Sequence[float], Sequence[float]] | None = None
    """Lowest and highest value at each place."""
    dots: Sequence[tuple[float, float]] = ()
    span: tuple[float, ...] | None = None
    """What the axis spans beside several charts: how far it reaches below 0 and above."""

    def x(self, place: float) -> float:
        """Across, in units of the drawing."""
        first, last = self.places[0], self.places[-1]
        return _LEFT + (place - first) * (_WIDTH - _LEFT - _RIGHT) / ((last - first) or 1)

    def y(self, value: float) -> float:
        """Down."""
        low, high = self._levels[0], self._levels[-1]
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (high - value) / (high - low)

    @property
    def _bounds(self) -> tuple[float, float]:
        if self.span:
            return -self.span[0], self.span[1]
        every = [value for line in self.series for value in line.values] + [value for edge in self.band or () for value in edge]
        low, high = min(every), max(every)
        return (low, high) if high > low else (low - 1, high + 1)

    @property
    def _levels(self) -> list[float]:
        """Round numbers of which the first and the last are no nearer than the values, so that the axis ends with them."""
        low, high = self._bounds
        step = _step(low, high)
        return _multiples(step, math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9))

    @property
    def spanned(self) -> tuple[float, ...]:
        """How far its values reach below 0 and above."""
        low, high = self._bounds
        return -low, high

    def draw(self) -> Element:
        """The chart as SVG, for eyes alone."""
        parts = [*self._axes(), *self._band(), *self._lines(), *self._dots()]
        return element("svg", {"class": "ld-chart", "viewBox": f"0 0 {_WIDTH} {_HEIGHT}", "aria-hidden": "true"}, *parts)

    def _axes(self) -> Iterator[Element]:
        left, right = f"{_LEFT}", f"{_WIDTH - _RIGHT}"
        for value in self._levels:
            at = self.y(value)
            kind = "ld-rule" if value else "ld-zero"
            yield element("line", {"class": kind, "x1": left, "x2": right, "y1": f"{at:.1f}", "y2": f"{at:.1f}"})
            yield label(digits(value), _LEFT - 6, at + 4, anchor="end")
        for place, text in self.ticks:
            yield label(text, self.x(place), _HEIGHT - 22, anchor="middle")
        yield label(self.across, (_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 5, anchor="middle")
        yield label(self.down, 0, _TOP - 16, anchor="start")

    def _band(self) -> Iterator[Element]:
        if self.band:
            low, high = self.band
            over = [f"{self.x(p):.1f},{self.y(v):.1f}" for p, v in zip(self.places, high, strict=True)]
            under = [f"{self.x(p):.1f},{self.y(v):.1f}" for p, v in zip(self.places, low, strict=True)]
            yield element("path", {"class": "ld-range", "d": f"M{'L'.join([*over, *reversed(under)])}Z"})

    def _lines(self) -> Iterator[Element]:
        ends = apart([self.y(line.values[-1]) for line in self.series], LINE, _HEIGHT - _BOTTOM)
        for line, end in zip(self.series, ends, strict=True):
            points = "L".join(f"{self.x(p):.1f},{self.y(v):.1f}" for p, v in zip(self.places, line.values, strict=True))
            yield element(
                "path", {"class": "ld-series", "data-hue": line.hue, "stroke-dasharray": line.dashes, "d": f"M{points}"}
            )
            yield label(line.name, _WIDTH - _RIGHT + 8, end + 4, anchor="start", hue=line.hue)

    def _dots(self) -> Iterator[Element]:
        for place, value in self.dots:
            at = {"cx": f"{self.x(place):.1f}", "cy": f"{self.y(value):.1f}", "r": "4"}
            yield element("circle", {"class": "ld-dot", "data-hue": "1", **at})


def nice_ticks(low: float, high: float) -> list[float]:
    """About five round numbers from one value to another."""
    step = _step(low, high)
    return _multiples(step, math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9))


def _step(low: float, high: float) -> float:
    raw = (high - low) / _TICKS
    size: float = 10 ** math.floor(math.log10(raw))
    return next(size * nice for nice in (1, 2, 5, 10) if size * nice >= raw)


def _multiples(step: float, first: int, last: int) -> list[float]:
    return [step * n + 0.0 for n in range(first, last + 1)]


def label(text: str, x: float, y: float, *, anchor: str, hue: str | None = None) -> Element:
    """Words in a chart, in the colour of the line that they name."""
    kind: dict[str, str | None] = {"class": "ld-tick"}
    if hue:
        kind = {"class": "ld-end", "data-hue": hue, "style": "fill: oklch(var(--ld-line) var(--ld-h))"}
    return element("text", {**kind, "x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}, text)


def apart(places: list[float], least: float, lowest: float) -> list[float]:
    """The places of labels, moved down where they would cover each other, and up again where that leads below `lowest`."""
    found, order = list(places), sorted(range(len(places)), key=places.__getitem__)
    last = -math.inf
    for index in order:
        last = found[index] = max(places[index], last + least)
    below = lowest
    for index in reversed(order):
        found[index] = min(found[index], below)
        below = found[index] - least
    return found
