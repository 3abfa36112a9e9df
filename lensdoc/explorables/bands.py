"""What stands beside the rows of a heatmap: bands with the clusters, or the neurons' indices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.heat import Heat
from lensdoc.explorables.shared import SIZES

if TYPE_CHECKING:
    from lensdoc.explorables.heatmaps import Shape

LABEL: int = SIZES["heat"]["label"]
"""Pixels that a label needs."""
_SLACK: float = SIZES["heat"]["slack"]
"""Share of its height that a label can do with, on paper and where lines are not whole pixels."""
_PAPER: int = SIZES["heat"]["paper"]
"""Pixels that a heatmap fills on paper at most."""


def bands_element(heat: Heat, shape: Shape) -> Element:
    """A band for each cluster, as high as its rows, or labels of lines."""
    if heat.clusters:
        return _bands(*_cluster_bands(heat, shape, min(shape.height, _PAPER)), kind="ld-bands ld-clusters")
    if shape.wrap:
        firsts = heat.neurons[:: shape.wrap]
        every = -(-len(firsts) // 10)
        return _bands(*(_band(1, str(n) if i % every == 0 else "") for i, n in enumerate(firsts)))
    ends = (str(heat.neurons[0]), str(heat.neurons[-1]))
    return _bands(*(element("span", None, text) for text in ends[: len(heat.neurons)]))


def _bands(*bands: Element, kind: str = "ld-bands") -> Element:
    return element("div", {"class": kind, "aria-hidden": "true"}, *bands)


def _band(size: int, label: str, more: str = "") -> Element:
    words = [element("span", {"class": "ld-label"}, label, *([element("span", None, f" {more}")] if more else []))]
    return element("span", {"class": "ld-band", "style": f"--ld-size: {size}"}, *(words if label else []))


def _cluster_bands(heat: Heat, shape: Shape, height: float) -> Iterator[Element]:
    """Clusters whose bands are too low for a label share one with their neighbours."""
    line = LABEL * shape.lines / height * _SLACK
    bands = [_Band(number, size, size * more) for (number, size), more in zip(heat.clusters, shape.tall, strict=True)]
    for group in _groups(bands, line):
        first, last = group[0].number, group[-1].number
        label = f"C{first}" if first == last else f"C{first}–{last}"
        for index, band in enumerate(group):
            yield _band(band.lines, "" if index else label, f"{sum(one.size for one in group):,}")


class _Band(NamedTuple):
    """A cluster: its number, its neurons, and the lines that they take."""

    number: int
    size: int
    lines: int


def _groups(bands: Sequence[_Band], least: float) -> list[list[_Band]]:
    """Neighbouring clusters, together of as many lines as `least` at least, if there are as many."""
    groups: list[list[_Band]] = [[]]
    for band in bands:
        if sum(one.lines for one in groups[-1]) >= least:
            groups.append([])
        groups[-1].append(band)
    if len(groups) > 1 and sum(one.lines for one in groups[-1]) < least:
        last = groups.pop()
        groups[-1] += last
    return groups
