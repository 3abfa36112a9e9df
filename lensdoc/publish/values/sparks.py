"""Word-sized graphics in prose: `{spark} RUN/NAME[t]`, the rank of a token over the layers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from lensdoc.core.errors import PublishError
from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element, element
from lensdoc.records.rankings import Rankings

if TYPE_CHECKING:
    from lensdoc.publish.state.page import PageState

_REFERENCE = re.compile(r"(?P<record>\S+/[A-Za-z0-9_-]+)\[(?P<index>\d+)\]")
_WIDTH, _HEIGHT, _PAD = 72, 16, 2
"""Units of the drawing, of which a line of text is 16 high: every sparkline is 4.5 em wide, of however many layers."""
_TOLD_LAYERS = 6
"""Layers whose ranks the title gives: all where there are no more, else the ends and the turning points."""


def read_spark(reference: str, page: PageState) -> Element:
    """The sparkline of one target: rank 1 is at the top, the axis is logarithmic, a dot marks the last layer.

    Args:
        reference: What stands after `{spark}`: `counting/rankings[6]`, the seventh target of the record.
        page: Where the records are.

    Raises:
        PublishError: The reference cannot be read, the record has no ranks over layers, or no such target.
    """
    found = _REFERENCE.fullmatch(reference.strip())
    if not found:
        raise PublishError(f"a sparkline is written `{{spark}} RUN/NAME[t]`, not {reference.strip()!r}")
    record, index = page.record(found["record"]), int(found["index"])
    if not isinstance(record, Rankings):
        raise PublishError(f"{found['record']} is of kind {record.KIND!r}; a sparkline shows one of kind 'rankings'")
    if index >= len(record.targets):
        raise PublishError(f"{reference.strip()}: [{index}] is out of range; the last target is [{len(record.targets) - 1}]")
    return _draw(record, index)


def _draw(record: Rankings, index: int) -> Element:
    ranks = [row[index] for row in record.ranks]
    steps, vocabulary = max(len(ranks) - 1, 1), record.model.vocabulary
    points = [(_PAD + i * (_WIDTH - 2 * _PAD) / steps, _place(rank, vocabulary)) for i, rank in enumerate(ranks)]
    line = element("path", {"class": "ld-series", "data-hue": "1", "d": "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)})
    x, y = points[-1]
    dot = element("circle", {"class": "ld-dot", "data-hue": "1", "cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "2"})
    size: dict[str, str | None] = {"viewBox": f"0 0 {_WIDTH} {_HEIGHT}", "style": f"width: {_WIDTH / _HEIGHT:g}em"}
    title = element("title", None, _title(record, index, ranks))
    return element("span", {"class": "ld ld-spark"}, element("svg", {"role": "img", **size}, title, line, dot))


def _title(record: Rankings, index: int, ranks: list[int]) -> str:
    token = quoted(record.tokens, record.targets[index])
    if len(ranks) <= _TOLD_LAYERS:
        return f"Rank of {token} after each layer: {', '.join(f'{rank:,}' for rank in ranks)}"
    told = (f"{ranks[i]:,} after layer {record.layers[i]}" for i in turning_points(ranks, _TOLD_LAYERS))
    return f"Rank of {token}: {', '.join(told)}"


def turning_points(ranks: Sequence[int], most: int) -> list[int]:
    """Indices between which the logarithms of the ranks lie nearest to straight lines: the ends, and `most` - 2 at most between.

    One after the other, the index is added that lies farthest from the lines so far (Douglas and Peucker 1973).
    """
    logs = [math.log(rank) for rank in ranks]
    found = sorted({0, len(ranks) - 1})
    while len(found) < min(most, len(ranks)):
        off = {i: abs(logs[i] - _between(logs, a, b, i)) for a, b in pairwise(found) for i in range(a + 1, b)}
        farthest = max(off, key=lambda i: (off[i], -i))
        if off[farthest] < _STRAIGHT:
            break
        found = sorted([*found, farthest])
    return found


def _between(logs: Sequence[float], a: int, b: int, at: int) -> float:
    return logs[a] + (logs[b] - logs[a]) * (at - a) / (b - a)


_STRAIGHT = math.log(1.2)
"""What lies nearer to a line than a fifth of its rank is no turn."""


def _place(rank: int, vocabulary: int) -> float:
    return _PAD + (_HEIGHT - 2 * _PAD) * math.log(rank) / math.log(max(vocabulary, 2))
