"""The figure of kind `logit-attribution`: parts as bars, each of which begins where the one before ended, down to their sum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lensdoc.explorables.characters import direction
from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.folds import line_content
from lensdoc.explorables.grids import readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import added, score
from lensdoc.explorables.options import ChoiceOption, NumberOption
from lensdoc.explorables.shared import SIZES, said
from lensdoc.records.logit_attribution import LogitAttribution
from lensdoc.records.tokens import Token
from lensdoc.records.watch import Watched

_HINT = said("logit-attribution.hint")
_MOST: int = SIZES["parts"]["most"]
"""Parts that all have a row of their own; of more the largest ones have."""
_LARGEST: int = SIZES["parts"]["largest"]
SUM = said("logit-attribution.sum")


@dataclass(frozen=True)
class _Row:
    """A bar."""

    name: str
    value: float
    before: float
    """The sum of the rows above."""
    part: int | None = None
    """Its number in the record, from 1; None where the row is a sum."""


def draw(record: LogitAttribution, options: Mapping[str, Any]) -> Element:
    """The custom element: the text with its blank, a row for each part, and their sum."""
    rows = _rows(record, options)
    span = options.get("span") or _span(record, options)
    low, high = -span[0], span[1]
    before = record.tokens[: record.position]
    blank = element("span", {"class": "ld-blank"}, "____")
    title = element("p", {"class": "ld-title", "dir": direction(before)}, *line_content(before), " ", blank)
    bars = [_bar(row, low, high, record.total) for row in [*rows, _Row(SUM, record.total, 0.0)]]
    return element(
        "lens-logit-attribution",
        {"class": "ld-logit-attribution", "data-search-exclude": ""},
        title,
        element(
            "div",
            {
                "class": "ld-waterfall",
                "style": "font-size: 0.8em; line-height: 1.4",
                "data-list": said("logit-attribution.list", of=_of(record)),
                "data-across": "part",
            },
            *bars,
        ),
        readout(_summary(record, rows), _HINT),
    )


def _span(record: LogitAttribution, options: Mapping[str, Any]) -> tuple[float, float]:
    """How far the sums reach below 0 and above."""
    ends = [0.0, *(row.before + row.value for row in _rows(record, options))]
    return -min(ends), max(ends)


def _rows(record: LogitAttribution, options: Mapping[str, Any]) -> list[_Row]:
    """Parts in the order in which the model adds them, or by size; small ones of many parts together at the end."""
    found = list(enumerate(record.values))
    most = int(options["rows"] or (_MOST if len(found) <= _MOST else _LARGEST))
    by_size = sorted(found, key=lambda item: (-abs(item[1]), item[0]))
    kept, others = by_size[:most], by_size[most:]
    if options["order"] == "model":
        kept.sort()
    named: list[tuple[str, float, int | None]] = [(record.parts[k].name, value, k + 1) for k, value in kept]
    if others:
        named.append((said("logit-attribution.others", count=len(others)), added(value for _, value in others), None))
    rows, before = [], 0.0
    for name, value, part in named:
        rows.append(_Row(name, value, before, part))
        before += value
    return rows


def _bar(row: _Row, low: float, high: float, total: float) -> Element:
    span = (high - low) or 1
    start, end = sorted((row.before, row.before + row.value))
    style = f"--ld-from: {(start - low) / span:.4f}; --ld-size: {(end - start) / span:.4f}; --ld-zero: {-low / span + 0.0:.4f}"
    told = said("logit-attribution.told", part=row.name, value=_signed(row.value))
    if row.name != SUM:
        until = score(row.before + row.value)
        told = said("logit-attribution.soFar", part=row.name, value=_signed(row.value), sum=until, total=score(total))
    return element(
        "div",
        {
            "class": "ld-step ld-sum" if row.name == SUM else "ld-step",
            "data-told": told,
            "data-at": None if row.part is None else str(row.part),
        },
        element("span", None, row.name),
        element("span", {"class": "ld-track", "style": style, "data-hue": "2" if row.value < 0 else "1"}),
        " ",
        element("span", {"class": "ld-value"}, _signed(row.value)),
    )


def _signed(value: float) -> str:
    text = score(value)
    return text if value <= 0 or not text.strip("0.") else f"+{text}"


def _token(watched: Watched) -> str:
    return quoted((Token(id=watched.id, text=watched.text, kind="output"),), 0)


def _of(record: LogitAttribution) -> str:
    """What the parts sum to, in words."""
    if record.wrong is None:
        return said("logit-attribution.mean", answer=_token(record.answer))
    return said("logit-attribution.wrong", answer=_token(record.answer), wrong=_token(record.wrong))


def _summary(record: LogitAttribution, rows: Sequence[_Row]) -> str:
    most = max((row for row in rows if not row.name.endswith("others")), key=lambda row: abs(row.value))
    taken = said("logit-attribution.taken", mean=score(record.mean)) if record.wrong is None else ""
    total, value = score(record.total), _signed(most.value)
    return said("logit-attribution.summary", total=total, of=_of(record), taken=taken, part=most.name, value=value)


def _numbers(record: LogitAttribution) -> Iterator[tuple[Cell, ...]]:
    for part, value in zip(record.parts, record.values, strict=True):
        yield part.name, part.kind, "" if part.layer is None else part.layer, "" if part.head is None else part.head, value


def _empty(record: LogitAttribution, options: Mapping[str, Any], state: Mapping[str, int]) -> str | None:
    """Small parts of many are one row together."""
    shown = {row.part for row in _rows(record, options)}
    return None if state["part"] in shown else "this part is among the others; give the figure more rows"


_METHOD = (
    "Direct logit attribution: the last state is a sum of what embedding, attention and FFNs added, read by the unembedding "
    "with the final norm's scale frozen. It counts what a part writes for the answer directly; a part that works through later "
    "ones may show nothing here, and leaving it out may change everything."
)
EXPLORABLE = Explorable(
    options={
        "order": ChoiceOption(("model", "size"), "whether parts stand as the model adds them, or the largest first"),
        "rows": NumberOption(1, 1000, None, "parts with a row of their own; the others are one row together"),
    },
    draw=draw,
    method=lambda _: _METHOD,
    table=Table(("part", "kind", "layer", "head", "value"), _numbers),
    span=_span,
    states={"part": lambda record: range(1, len(record.parts) + 1)},
    empty=_empty,
    family="attention",
)
