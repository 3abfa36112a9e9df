"""The figure of kind `mask`: the text once for each of the masks that were found, and how often each token was kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.grids import readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import digits, percent
from lensdoc.explorables.sequences import sequence_element
from lensdoc.explorables.tables import table_details
from lensdoc.explorables.tints import LEVELS, level
from lensdoc.records.mask import Mask
from lensdoc.records.tokens import Token

_HINT = "Point at a token."
_SHOWN = 3
"""Masks that are drawn; the table has all."""
_KEPT = LEVELS // 2


def draw(record: Mask, options: Mapping[str, Any]) -> Element:
    """The custom element: the smallest masks, how often each token was kept, a line that sums up, all masks as a table."""
    del options
    found = distinct(record)
    texts = [_text(record, starts, number if len(found) > 1 else None) for number, starts in enumerate(found[:_SHOWN], 1)]
    return element(
        "lens-mask",
        {"class": "ld-sequence ld-flows", "data-search-exclude": ""},
        *texts,
        *([_often(record)] if len(found) > 1 else []),
        readout(_summary(record, found), _HINT),
        table_details("All masks as a table", ("Kept", "Tokens", "Divergence", "Probability", "Starts"), _rows(record, found)),
    )


def distinct(record: Mask) -> list[list[int]]:
    """Starts that led to the same mask together, the smallest mask first."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for start, kept in enumerate(record.kept):
        groups.setdefault(kept, []).append(start)
    return sorted(groups.values(), key=lambda starts: (len(record.kept[starts[0]]), record.divergences[starts[0]], starts[0]))


def _text(record: Mask, starts: Sequence[int], number: int | None) -> Element:
    """The text with one mask; of several each has its number, for states."""
    kept, before = set(record.kept[starts[0]]), record.tokens[: record.position]

    def attributes(position: int) -> dict[str, str]:
        name = _name(record, position)
        if position in kept:
            return {"data-hue": "1", "data-level": str(_KEPT), "data-told": f"{name}: kept."}
        return {"data-left-out": "", "data-told": f"{name}: left out."}

    tokens = sequence_element(before, attributes)
    tokens.set("data-list", f"Tokens of a mask that keeps {len(kept)}")
    tokens.set("data-across", "token")
    if number:
        tokens.set("data-of", f"mask={number}")
    return _titled(
        f"{_size(record, starts[0])}, divergence {digits(record.divergences[starts[0]])} ({_found(record, starts)})", tokens
    )


def _often(record: Mask) -> Element:
    """The text with the number of masks that keep each token."""
    starts = len(record.kept)

    def attributes(position: int) -> dict[str, str]:
        times = record.times[position]
        tint = (
            {"data-hue": "1", "data-level": str(level(times / starts, 1.0)), "data-share": f"{times}/{starts}"} if times else {}
        )
        return tint | {"data-told": f"{_name(record, position)}: kept by {times} of {starts}."}

    tokens = sequence_element(record.tokens[: record.position], attributes)
    tokens.set("data-list", "Tokens by how many masks keep them")
    tokens.set("data-across", "token")
    text = _titled(f"How many of the {starts} starts kept each token", tokens)
    text.set("class", "ld-one ld-sequence ld-scored")
    text.set("data-labelled", "")
    return text


def _titled(title: str, tokens: Element) -> Element:
    return element("div", {"class": "ld-one"}, element("p", {"class": "ld-title"}, title), tokens)


def _name(record: Mask, position: int) -> str:
    return f"Token {position} {quoted(record.tokens, position)}"


def _size(record: Mask, start: int) -> str:
    return f"{len(record.kept[start])} of {record.position} tokens kept"


def _found(record: Mask, starts: Sequence[int]) -> str:
    return f"found by {len(starts)} of {len(record.kept)} {'start' if len(record.kept) == 1 else 'starts'}"


def _summary(record: Mask, found: Sequence[Sequence[int]]) -> str:
    answer = quoted((Token(id=record.answer.id, text=record.answer.text, kind="output"),), 0)
    best, count = record.smallest, len(record.kept[record.smallest])
    kept = ", ".join(quoted(record.tokens, i) for i in record.kept[best][:_NAMED])
    more = f" and {count - _NAMED} more" if count > _NAMED else ""
    others = "All starts found this mask." if len(found) == 1 else f"The starts found {len(found)} masks: it is one of many."
    within = sum(one <= record.bound for one in record.random)
    return (
        f"{answer} has {percent(record.prob)} after the whole text, and {percent(record.probs[best])} with {_size(record, best)}"
        f"{f': {kept}{more}' if kept else ''}. {others} Of {len(record.random)} random sets of that size {within} keep the "
        "prediction."
    )


_NAMED = 6


def _rows(record: Mask, found: Sequence[Sequence[int]]) -> Iterator[tuple[str, ...]]:
    for starts in found:
        first = starts[0]
        names = ", ".join(quoted(record.tokens, i) for i in record.kept[first]) or "none"
        numbers = ", ".join(str(start + 1) for start in starts)
        yield str(len(record.kept[first])), names, digits(record.divergences[first]), percent(record.probs[first]), numbers


def _method(record: Mask) -> str:
    stands = {"mean": "the mean of all embeddings", "zero": "a zero vector"}.get(
        record.baseline, f"the token {record.baseline!r}"
    )
    return (
        f"Differentiable masking: gates are learned for this text, so that as many tokens as possible give way to {stands} while "
        f"the prediction moves by at most {digits(record.bound)} nats. Each mask was checked, and none of its tokens can be left "
        "out alone; but it is one of many, a smaller one may exist, and what the model makes of such a text is not how it "
        "reads the whole."
    )


def _numbers(record: Mask) -> Iterator[tuple[Cell, ...]]:
    for start, (kept, gates) in enumerate(zip(record.kept, record.gates, strict=True), 1):
        for position, gate in enumerate(gates):
            yield start, position, record.tokens[position].spelled, int(position in kept), gate


def _masks(record: Mask) -> range:
    """Numbers of the masks that are drawn; none where there is one alone."""
    drawn = min(len(distinct(record)), _SHOWN)
    return range(1, drawn + 1) if drawn > 1 else range(0)


def _empty(record: Mask, _: object, state: Mapping[str, int]) -> str | None:
    del record
    if "token" in state:
        return None
    return f"a mask is looked at token by token; write mask={state['mask']},token=0"


EXPLORABLE = Explorable(
    options={},
    draw=draw,
    method=_method,
    table=Table(("start", "position", "token", "kept", "gate"), _numbers),
    states={"mask": _masks, "token": lambda record: range(record.position)},
    empty=_empty,
    family="attention",
)
