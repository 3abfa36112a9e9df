"""What a heatmap shows of one layer of a record of activations: its neurons in the order of the rows, and codes for colours."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lensdoc.explorables.images import LARGEST
from lensdoc.records.activations import Activations

Rows = tuple[tuple[float, ...], ...]

_PLAIN = (1e-3, 1e6)
"""Layers whose largest value lies between have it written without an exponent."""


@dataclass(frozen=True)
class Heat:
    """A layer; its rows are sorted by cluster, then by the token on which they are strongest, else by index."""

    layer: int
    neurons: tuple[int, ...]
    rows: Rows
    clusters: tuple[tuple[int, int], ...]
    """Number and size of each cluster from the top; nothing where there are none."""
    scale: float
    """What the largest code stands for."""

    @property
    def codes(self) -> list[bytes]:
        """Each row as codes from -127 to 127 in two's complement."""
        return [bytes(self._code(value) & 0xFF for value in row) for row in self.rows]

    def _code(self, value: float) -> int:
        return max(-LARGEST, min(LARGEST, round(value / self.scale * LARGEST))) if self.scale else 0

    @property
    def decimals(self) -> int | None:
        """Decimals that tell codes apart, three digits at most; None where numbers need an exponent."""
        if not _PLAIN[0] <= self.scale < _PLAIN[1]:
            return None
        return max(0, min(math.ceil(-math.log10(self.scale / LARGEST)), 2 - math.floor(math.log10(self.scale))))

    def number(self, value: float) -> str:
        """A value of the layer in words, as exact as a code."""
        text = f"{value:.2g}" if self.decimals is None else f"{value:.{self.decimals}f}"
        return "0" if not value else text.replace("-", "−")

    @property
    def step(self) -> str:
        """What neighbouring codes differ by."""
        return f"{self.scale / LARGEST:.2g}"

    @property
    def members(self) -> Iterator[tuple[int, Rows]]:
        """Number and rows of each cluster."""
        first = 0
        for cluster, size in self.clusters:
            yield cluster, self.rows[first : first + size]
            first += size


def heats(record: Activations) -> Iterator[Heat]:
    """The layers of a record."""
    for index, (layer, rows) in enumerate(zip(record.layers, record.rows, strict=True)):
        labels = (0,) * len(rows) if record.clusters is None else record.clusters[index]
        order = list(range(len(rows))) if record.clusters is None else _order(rows, labels)
        yield Heat(
            layer=layer,
            neurons=tuple(record.neurons[n] for n in order),
            rows=tuple(rows[n] for n in order),
            clusters=() if record.clusters is None else tuple(sorted(Counter(labels).items())),
            scale=record.encoding.scale[index] if record.encoding else max(abs(value) for row in rows for value in row),
        )


def _order(rows: Rows, labels: tuple[int, ...]) -> list[int]:
    return sorted(range(len(rows)), key=lambda n: (labels[n], rows[n].index(max(rows[n]))))
