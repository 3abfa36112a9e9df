"""Where nodes of a graph stand: a column for each token, a row for each layer that has nodes, those of one place side by side."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lensdoc.records.graph import Graph

_STEP, _ROW = 24, 26
"""Pixels between nodes of one place, and between rows: enough for a finger."""
_LEFT, _TOP, _BOTTOM = 40, 8, 30
_LETTER = 8
_LONGEST = 9
"""Letters of a token that are shown, where its column is no wider."""


@dataclass(frozen=True)
class Layout:
    """The drawing, in pixels."""

    width: int
    height: int
    places: Sequence[tuple[float, float]]
    """Of each node."""
    rows: Sequence[tuple[str, float]]
    """Names of rows, and where they are."""
    columns: Sequence[float]
    """Middle of each token's column."""
    letters: int


def laid_out(record: Graph) -> Layout:
    """Tokens below, outputs above, and between them the layers that have nodes."""
    levels = [_level(record, index) for index in range(len(record.nodes))]
    order = sorted(set(levels))
    counts = Counter((level, node.position) for level, node in zip(levels, record.nodes, strict=True))
    widest: defaultdict[int, int] = defaultdict(int)
    for (_, position), count in counts.items():
        widest[position] = max(widest[position], count)
    widths = [
        max(_STEP * widest[position], _LETTER * min(len(token.text), _LONGEST) + 8, _STEP) + 8
        for position, token in enumerate(record.tokens)
    ]
    starts = [_LEFT + sum(widths[:position]) for position in range(len(widths))]
    columns = [start + width / 2 for start, width in zip(starts, widths, strict=True)]
    height = _TOP + _ROW * len(order) + _BOTTOM
    row_of = {level: height - _BOTTOM - _ROW * (number + 0.5) for number, level in enumerate(order)}
    placed: Counter[tuple[float, int]] = Counter()
    places = []
    for level, node in zip(levels, record.nodes, strict=True):
        key = (level, node.position)
        offset = placed[key] - (counts[key] - 1) / 2
        placed[key] += 1
        places.append((columns[node.position] + _STEP * offset, row_of[level]))
    rows = [(_name(level), row_of[level]) for level in order]
    return Layout(_LEFT + sum(widths) + 8, height, places, rows, columns, _LONGEST)


def _level(record: Graph, index: int) -> float:
    node = record.nodes[index]
    if node.kind == "embedding":
        return -1.0
    return float("inf") if node.kind == "logit" or node.layer is None else float(node.layer)


def _name(level: float) -> str:
    return "in" if level < 0 else "out" if level == float("inf") else f"{level:.0f}"
