"""What a heatmap shows of one layer of a record of activations: its neurons in the order of the rows, and codes for colours."""

from __future__ import annotations

import base64
import math
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lensdoc.explorables.images import LARGEST
from lensdoc.explorables.numbers import digits, fixed
from lensdoc.explorables.shared import PLAIN, SIZES
from lensdoc.records.activations import LARGEST_CODE, LARGEST_EXPONENT, Activations

Rows = tuple[tuple[float, ...], ...]

_MOST_BEYOND: float = SIZES["heat"]["beyond"]
"""Share of the values other than 0 that may lie beyond the colours."""
_FAR: float = SIZES["heat"]["far"]
"""Colours end before the largest value where that is more than so many times as large as what all but a hundredth reach."""
_LEAST_EXPONENT: int = SIZES["heat"]["least"]


@dataclass(frozen=True)
class Heat:
    """A layer; its rows are sorted by cluster, then by the token on which they are strongest, else by index."""

    layer: int
    neurons: tuple[int, ...]
    rows: Rows
    clusters: tuple[tuple[int, int], ...]
    """Number and size of each cluster from the top; nothing where there are none."""
    limit: float
    """The absolute value at which colours end."""
    step: float
    """What neighbouring values differ by at least, where the record has 8-bit codes; else 0."""

    @property
    def codes(self) -> list[bytes]:
        """Each row as codes of colours from -127 to 127 in two's complement."""
        return [bytes(self._code(value) & 0xFF for value in row) for row in self.rows]

    def _code(self, value: float) -> int:
        """The nearest of the codes; 0 for nothing but 0, so that a cell is blank only where a value is."""
        code = round(value / self.limit * LARGEST) if self.limit else 0
        return max(-LARGEST, min(LARGEST, code or (value > 0) - (value < 0)))

    @property
    def halves(self) -> tuple[float, str]:
        """A power of two, and base64 of the values in its units as 16-bit numbers, row after row."""
        largest = max(abs(value) for row in self.rows for value in row)
        unit = 2.0 ** max(math.frexp(largest)[1] - LARGEST_EXPONENT, _LEAST_EXPONENT)
        values = [value / unit for row in self.rows for value in row]
        return unit, base64.b64encode(struct.pack(f"<{len(values)}e", *values)).decode()

    @property
    def beyond(self) -> list[tuple[int, int]]:
        """Row and column of the values beyond the colours, the largest first."""
        found = [(n, p) for n, row in enumerate(self.rows) for p, value in enumerate(row) if abs(value) > self.limit]
        return sorted(found, key=lambda place: -abs(self.rows[place[0]][place[1]]))

    @property
    def decimals(self) -> int | None:
        """Decimals that tell 8-bit codes apart, three digits at most; None where numbers are not codes, or need an exponent."""
        largest = self.step * LARGEST_CODE
        if not PLAIN[0] <= largest < PLAIN[1]:
            return None
        return max(0, min(math.ceil(-math.log10(self.step)), 2 - math.floor(math.log10(largest))))

    def number(self, value: float) -> str:
        """A value of the layer in words: three digits, or as exact as a code."""
        if not value:
            return "0"
        return digits(value) if self.decimals is None else fixed(value, self.decimals)

    @property
    def members(self) -> Iterator[tuple[int, Rows]]:
        """Number and rows of each cluster."""
        first = 0
        for cluster, size in self.clusters:
            yield cluster, self.rows[first : first + size]
            first += size


def heats(record: Activations, span: tuple[float, ...] | None = None) -> Iterator[Heat]:
    """The layers of a record, whose colours end where those of another record do if `span` says where."""
    for index, (layer, rows) in enumerate(zip(record.layers, record.rows, strict=True)):
        labels = (0,) * len(rows) if record.clusters is None else record.clusters[index]
        order = list(range(len(rows))) if record.clusters is None else _order(rows, labels)
        coded = record.encoding is not None and record.encoding.dtype == "int8"
        yield Heat(
            layer=layer,
            neurons=tuple(record.neurons[n] for n in order),
            rows=tuple(rows[n] for n in order),
            clusters=() if record.clusters is None else tuple(sorted(Counter(labels).items())),
            limit=span[0] if span else _limit(rows),
            step=record.encoding.scale[index] / LARGEST_CODE if record.encoding and coded else 0,
        )


def _limit(rows: Rows) -> float:
    """The largest absolute value, or where it is far away what all but a hundredth of those other than 0 reach."""
    sizes = sorted(abs(value) for row in rows for value in row if value)
    if not sizes:
        return 0.0
    usual = sizes[math.ceil((1 - _MOST_BEYOND) * len(sizes)) - 1]
    return usual if sizes[-1] > _FAR * usual else sizes[-1]


def _order(rows: Rows, labels: tuple[int, ...]) -> list[int]:
    return sorted(range(len(rows)), key=lambda n: (labels[n], rows[n].index(max(rows[n]))))
