"""The figure of kind `exchange`: the outcome on the way from one word to another, its tangent, and what gradient × input says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lensdoc.explorables.characters import direction
from lensdoc.explorables.charts import Chart, Series
from lensdoc.explorables.curves import curve_element
from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.folds import line_content
from lensdoc.explorables.grids import readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import fixed, score
from lensdoc.explorables.shared import SIZES, heads, said
from lensdoc.explorables.tables import table_details
from lensdoc.records.exchange import Exchange
from lensdoc.records.tokens import Token

_HINT = said("curve.hint")
_STEEP: float = SIZES["experiments"]["steep"]


def draw(record: Exchange, options: Mapping[str, Any]) -> Element:
    """The custom element: the text, the chart, a line that sums up, the curve as a table."""
    told = [_said(record, index) for index in range(len(record.steps))]
    chart = _chart(record, options.get("span"))
    data = {"at": [round(chart.x(step), 1) for step in record.steps], "said": told, "name": "step"}
    return element(
        "lens-exchange",
        {"class": "ld-exchange", "data-search-exclude": ""},
        _title(record),
        curve_element(chart),
        readout(_summary(record), _HINT),
        table_details(said("curve.table"), heads("exchange.heads"), _rows(record)),
        element("template", {"class": "ld-data"}, json.dumps(data)),
    )


def _title(record: Exchange) -> Element:
    """The text, with the token that is exchanged and what takes its place."""
    before, after = record.tokens[: record.position], record.tokens[record.position + 1 :]
    own = element("strong", None, *line_content(record.tokens[record.position : record.position + 1]))
    other = element("strong", None, *line_content((_token(record.other),)))
    runs = direction(record.tokens)
    return element("p", {"class": "ld-title", "dir": runs}, *line_content(before), own, " →", other, *line_content(after))


def _token(text: str) -> Token:
    return Token(id=0, text=text, kind="output")


def _named(text: str) -> str:
    return quoted((_token(text),), 0)


def _own(record: Exchange) -> str:
    return quoted(record.tokens, record.position)


def _outcome(record: Exchange) -> str:
    answer = _named(record.answer)
    if record.wrong is None:
        return said("exchange.outcome", answer=answer)
    return said("exchange.less", answer=answer, wrong=_named(record.wrong))


def _first_order(record: Exchange) -> Sequence[float]:
    return [record.curve[0] + step * record.estimate for step in record.steps]


def _chart(record: Exchange, span: tuple[float, ...] | None = None) -> Chart:
    claim = record.curve[0] - record.gradient_x_input
    series = (
        Series(said("exchange.measured"), record.curve),
        Series(said("exchange.tangent"), _first_order(record), "6 3", "2"),
        Series(said("exchange.claim"), [claim] * len(record.steps), "2 3", "3"),
    )
    ticks = ((0, _short(_own(record))), (1, _short(_named(record.other))))
    ends = ((0, record.curve[0]), (1, record.curve[-1]))
    return Chart(
        record.steps,
        series,
        said("exchange.across"),
        said("exchange.difference" if record.wrong else "exchange.logit"),
        ticks,
        dots=ends,
        span=span,
    )


_NAME: int = SIZES["experiments"]["name"]


def _short(name: str) -> str:
    return name if len(name) <= _NAME + 2 else f"{name[:_NAME]}…’"


def _said(record: Exchange, index: int) -> str:
    straight = _first_order(record)[index]
    way = fixed(100 * record.steps[index], 0)
    return said("exchange.told", way=way, value=score(record.curve[index]), straight=score(straight))


def _rows(record: Exchange) -> Iterator[tuple[str, ...]]:
    for step, value, straight in zip(record.steps, record.curve, _first_order(record), strict=True):
        yield f"{fixed(100 * step, 0)}%", score(value), score(straight)


def _summary(record: Exchange) -> str:
    turned = record.estimate * record.change < 0
    share = said("exchange.share", share=f"{abs(record.estimate / record.change):.0%}") if record.change else ""
    return said(
        "exchange.summary",
        other=_named(record.other),
        own=_own(record),
        outcome=_outcome(record),
        change=score(record.change),
        estimate=score(record.estimate),
        how=said("exchange.turned") if turned else share,
        claim=score(record.gradient_x_input),
        cliff=_cliff(record),
    )


def _cliff(record: Exchange) -> str:
    """Where one step has more than half of all changes."""
    where, part = record.facts.get("steepest"), record.facts.get("steepest_share")
    if not isinstance(where, int | float) or not isinstance(part, int | float) or part < _STEEP:
        return ""
    return said("exchange.cliff", way=fixed(100 * where, 0), share=f"{part:.0%}")


_METHOD = (
    "The outcome on the straight way from the embedding of one token to that of another. Its ends are texts; what lies between "
    "is none, and the model was never trained on it. A derivative at the start describes the start alone: on a bent way its "
    "size, and even its sign, may be wrong about the end."
)


def _numbers(record: Exchange) -> Iterator[tuple[Cell, ...]]:
    yield from zip(record.steps, record.curve, strict=True)


EXPLORABLE = Explorable(
    options={},
    draw=draw,
    method=lambda _: _METHOD,
    table=Table(("way", "outcome"), _numbers),
    states={"step": lambda record: range(len(record.steps))},
    span=lambda record, _: _chart(record).spanned,
    family="causal",
)
