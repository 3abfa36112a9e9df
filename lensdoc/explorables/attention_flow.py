"""The figure of kind `attention-flow`: the text once for each method, its tokens tinted by their shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.grids import readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import share
from lensdoc.explorables.scores import tint
from lensdoc.explorables.sequences import sequence_element
from lensdoc.explorables.shared import said
from lensdoc.records.attention_flow import AttentionFlow
from lensdoc.records.tokens import Token

_HINT = said("sequence.hint")


def draw(record: AttentionFlow, options: Mapping[str, Any]) -> Element:
    """The custom element: for each method its name and the text."""
    span = options.get("span")
    parts = [_text(record, number, row, span) for number, row in enumerate(record.scores, 1)]
    return element(
        "lens-attention-flow",
        {"class": "ld-sequence ld-scored ld-flows", "data-search-exclude": "", "data-labelled": ""},
        *parts,
        readout(_summary(record), _HINT),
    )


def _text(record: AttentionFlow, number: int, row: Sequence[float], span: tuple[float, ...] | None) -> Element:
    largest, before = span[0] if span else max(row), [_read(token) for token in record.tokens[: record.position]]
    method = record.methods[number - 1]

    def attributes(position: int) -> dict[str, str]:
        token = quoted(before, position)
        if position < record.skip:
            return {"data-left-out": "", "data-told": said("attention-flow.left", position=position, token=token)}
        told = said("attention-flow.token", position=position, token=token, share=share(row[position]))
        return {**tint(row[position], largest, signed=False), "data-told": told}

    name = said(f"attention-flow.{method}")
    tokens = sequence_element(before, attributes)
    tokens.set("data-list", said("attention-flow.list", method=name.lower()))
    tokens.set("data-across", "token")
    if len(record.methods) > 1:
        tokens.set("data-of", f"method={number}")
    return element("div", {"class": "ld-one"}, element("p", {"class": "ld-title"}, name), tokens)


def _read(token: Token) -> Token:
    """What came before has been read, whoever wrote it."""
    return token.model_copy(update={"kind": "input"}) if token.kind == "output" else token


def _summary(record: AttentionFlow) -> str:
    found = [
        said(
            "attention-flow.most",
            token=quoted(record.tokens, top := max(range(len(row)), key=lambda k: row[k])),
            method=said(f"attention-flow.in.{method}"),
            share=share(row[top]),
        )
        for method, row in zip(record.methods, record.scores, strict=True)
    ]
    return f"{_told(record)} {said('attention-flow.summary', methods=', '.join(found))}"


def _told(record: AttentionFlow) -> str:
    """What was left out."""
    if not record.skip:
        return said("attention-flow.nothing")
    one, count = record.skip == 1, record.skip
    rests, rolled = record.facts.get("left_out"), record.facts.get("rollout_left_out")
    if not isinstance(rests, float | int) or not isinstance(rolled, float | int):
        return said("attention-flow.one" if one else "attention-flow.many", count=count) + "."
    takes = "attention-flow.oneTakes" if one else "attention-flow.manyTake"
    return said(takes, count=count, left=share(rests), rolled=share(rolled))


def _numbers(record: AttentionFlow) -> Iterator[tuple[Cell, ...]]:
    for method, row in zip(record.methods, record.scores, strict=True):
        for position, value in enumerate(row):
            yield method, position, record.tokens[position].spelled, value


_METHOD = (
    "Attention, averaged over heads and mixed half and half with what was there, followed through all layers: by its largest "
    "flow, or by multiplying. It knows nothing of what heads move or FFNs do, so it may point at tokens that change nothing; "
    "exchange a token to see what it does."
)
EXPLORABLE = Explorable(
    options={},
    draw=draw,
    method=lambda _: _METHOD,
    table=Table(("method", "position", "token", "share"), _numbers),
    span=lambda record, _: (max(map(max, record.scores)),),
    states={
        "method": lambda record: range(1, len(record.methods) + 1) if len(record.methods) > 1 else (),
        "token": lambda record: range(record.skip, record.position),
    },
    together=("method", "token"),
    family="attention",
)
