"""The figure of kind `faithfulness`: the deletion curve of a saliency before those of random orders."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lensdoc.explorables.characters import direction
from lensdoc.explorables.charts import Chart, Series, nice_ticks
from lensdoc.explorables.curves import curve_element
from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.folds import line_content
from lensdoc.explorables.grids import readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import added, score
from lensdoc.explorables.shared import SIZES, heads, said
from lensdoc.explorables.tables import table_details
from lensdoc.records.faithfulness import Faithfulness

_HINT = said("curve.hint")
_WORDS: int = SIZES["experiments"]["words"]
"""Tokens before the target that the title repeats."""


def draw(record: Faithfulness, options: Mapping[str, Any]) -> Element:
    """The custom element: the text with its target, the chart, a line that sums up, the steps as a table."""
    chart = _chart(record, options.get("span"))
    steps = range(len(record.removed))
    data = {
        "at": [round(chart.x(count), 1) for count in record.removed],
        "said": [_said(record, step) for step in steps],
        "name": "step",
    }
    return element(
        "lens-faithfulness",
        {"class": "ld-faithfulness", "data-search-exclude": ""},
        _title(record),
        curve_element(chart),
        readout(_summary(record), _HINT),
        table_details(
            said("curve.table"),
            heads("faithfulness.heads"),
            map(_row, [record] * len(steps), steps),
        ),
        element("template", {"class": "ld-data"}, json.dumps(data)),
    )


def _title(record: Faithfulness) -> Element:
    first = max(0, record.target - _WORDS)
    before, target = record.tokens[first : record.target], record.tokens[record.target : record.target + 1]
    dots = "…" if first else ""
    return element(
        "p",
        {"class": "ld-title", "dir": direction(before)},
        dots,
        *line_content(before),
        element("strong", None, *line_content(target)),
    )


def _ranges(record: Faithfulness) -> tuple[list[float], list[float], list[float]]:
    """Lowest, highest and mean of random orders at each step."""
    columns = list(zip(*record.random, strict=True))
    return [min(c) for c in columns], [max(c) for c in columns], [added(c) / len(c) for c in columns]


def _chart(record: Faithfulness, span: tuple[float, ...] | None = None) -> Chart:
    low, high, mean = _ranges(record)
    series = (Series(said("faithfulness.order"), record.curve), Series(said("faithfulness.random"), mean, "6 3", "2"))
    last = record.removed[-1]
    ticks = [(place, str(round(place))) for place in (nice_ticks(0, last) if last else [0]) if place == round(place)]
    single = ((1, record.single),) if last >= 1 else ()
    across, down = said("faithfulness.across"), said("faithfulness.down")
    return Chart(record.removed, series, across, down, ticks, (low, high), single, span)


def _said(record: Faithfulness, step: int) -> str:
    low, high, _ = _ranges(record)
    count = record.removed[step]
    return said(
        "faithfulness.told",
        tokens=said("faithfulness.one" if count == 1 else "faithfulness.many", count=count),
        last=said("faithfulness.last", token=quoted(record.tokens, record.order[count - 1])) if count else "",
        value=score(record.curve[step]),
        low=score(low[step]),
        high=score(high[step]),
    )


def _row(record: Faithfulness, step: int) -> tuple[str, ...]:
    low, high, _ = _ranges(record)
    count = record.removed[step]
    last = quoted(record.tokens, record.order[count - 1]) if count else ""
    return str(count), score(record.curve[step]), said("faithfulness.range", low=score(low[step]), high=score(high[step])), last


def _summary(record: Faithfulness) -> str:
    first, agree = record.order[0], record.order[0] == record.single_position
    below = sum(all(v < other[s] for other in record.random) for s, v in enumerate(record.curve) if record.removed[s])
    method = record.method.replace("_", " ").replace(" x ", " × ")
    return said(
        "faithfulness.summary",
        method=method,
        token=quoted(record.tokens, record.target),
        count=len(record.random),
        below=below,
        steps=len(record.removed) - 1,
        single=quoted(record.tokens, record.single_position),
        agrees=said("faithfulness.agrees" if agree else "faithfulness.differs", first=quoted(record.tokens, first)),
    )


_METHOD = (
    "Deletion curve: tokens are taken out of the text in the order of their scores, the rest closes up, and the log-probability "
    "of the same token is read again. A shorter text is another text, often a strange one, and others may say what a deleted "
    "token said: a good curve speaks for an order, a bad one need not speak against it."
)


def _numbers(record: Faithfulness) -> Iterator[tuple[Cell, ...]]:
    for name, curve in (("saliency", record.curve), *((f"random {o}", row) for o, row in enumerate(record.random, 1))):
        for count, value in zip(record.removed, curve, strict=True):
            yield name, count, value


EXPLORABLE = Explorable(
    options={},
    draw=draw,
    method=lambda _: _METHOD,
    table=Table(("order", "deleted", "log_probability"), _numbers),
    states={"step": lambda record: range(len(record.removed))},
    span=lambda record, _: _chart(record).spanned,
    family="causal",
)
