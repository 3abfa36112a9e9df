"""What stands beside the rows of a heatmap: bands with the clusters, or the neurons' indices."""

from __future__ import annotations

from collections.abc import Iterator

from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.heat import Heat

_LINE = 15
"""Pixels that a label needs."""
_PAPER = 800
"""Pixels that a heatmap fills on paper at most."""


def bands_element(heat: Heat, wrap: int, height: float) -> Element:
    """A band for each cluster, as high as its rows; `wrap` is the number of neurons in a row where it is not one."""
    if heat.clusters:
        return _bands(*_cluster_bands(heat, min(height, _PAPER)), kind="ld-bands ld-clusters")
    if wrap:
        firsts = heat.neurons[::wrap]
        every = -(-len(firsts) // 10)
        return _bands(*(_band(1, str(n) if i % every == 0 else "") for i, n in enumerate(firsts)))
    ends = (str(heat.neurons[0]), str(heat.neurons[-1]))
    return _bands(*(element("span", None, text) for text in ends[: len(heat.neurons)]))


def _bands(*bands: Element, kind: str = "ld-bands") -> Element:
    return element("div", {"class": kind, "aria-hidden": "true"}, *bands)


def _band(size: int, label: str, more: str = "") -> Element:
    words = [element("span", {"class": "ld-label"}, label, *([element("span", None, f" {more}")] if more else []))]
    return element("span", {"class": "ld-band", "style": f"--ld-size: {size}"}, *(words if label else []))


def _cluster_bands(heat: Heat, height: float) -> Iterator[Element]:
    """Clusters whose bands are too low for a label share one with their neighbours."""
    line = _LINE * len(heat.neurons) / height
    for group in _groups(heat.clusters, line):
        first, last = group[0][0], group[-1][0]
        label = f"C{first}" if first == last else f"C{first}–{last}"
        for index, (_, size) in enumerate(group):
            yield _band(size, "" if index else label, f"{sum(s for _, s in group):,}")


def _groups(clusters: tuple[tuple[int, int], ...], least: float) -> list[list[tuple[int, int]]]:
    """Neighbouring clusters, together as large as `least` at least, if there are as many neurons."""
    groups: list[list[tuple[int, int]]] = [[]]
    for cluster in clusters:
        if sum(size for _, size in groups[-1]) >= least:
            groups.append([])
        groups[-1].append(cluster)
    if len(groups) > 1 and sum(size for _, size in groups[-1]) < least:
        last = groups.pop()
        groups[-1] += last
    return groups
