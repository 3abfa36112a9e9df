"""Word-sized graphics in prose: `{spark} RUN/NAME[t]`, the rank of a token over the layers."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element, element
from lensdoc.records.errors import PublishError
from lensdoc.records.rankings import Rankings

if TYPE_CHECKING:
    from lensdoc.publish.state.page import PageState

_REFERENCE = re.compile(r"(?P<record>\S+/[A-Za-z0-9_-]+)\[(?P<index>\d+)\]")
_STEP, _HEIGHT, _PAD = 8, 16, 2


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
    token = quoted(record.tokens, record.targets[index])
    points = [(_PAD + layer * _STEP, _place(rank, record.model.vocabulary)) for layer, rank in enumerate(ranks)]
    width = 2 * _PAD + (len(ranks) - 1) * _STEP
    line = element("path", {"class": "ld-series", "data-hue": "1", "d": "M" + "L".join(f"{x},{y:.1f}" for x, y in points)})
    x, y = points[-1]
    dot = element("circle", {"class": "ld-dot", "data-hue": "1", "cx": str(x), "cy": f"{y:.1f}", "r": "2"})
    title = element("title", None, f"Rank of {token} after each layer: {', '.join(f'{rank:,}' for rank in ranks)}")
    box: dict[str, str | None] = {"role": "img", "viewBox": f"0 0 {width} {_HEIGHT}", "style": f"width: {width / _HEIGHT:.2f}em"}
    return element("span", {"class": "ld ld-spark"}, element("svg", box, title, line, dot))


def _place(rank: int, vocabulary: int) -> float:
    return _PAD + (_HEIGHT - 2 * _PAD) * math.log(rank) / math.log(max(vocabulary, 2))
