"""Tokens put in place of others, in the figure of a saliency: what derivatives say that each changes, beside what it changes."""

from __future__ import annotations

from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.numbers import NONE, score
from lensdoc.explorables.shared import heads, said
from lensdoc.records.saliency import Saliency, Swap
from lensdoc.records.tokens import Token


def exchanges(record: Saliency, index: int) -> Element:
    """The table of all exchanges, with the numbers of one target."""
    head = element("tr", None, *(element("th", {"scope": "col"}, text) for text in heads("swaps.heads")))
    rows = [
        element(
            "tr",
            None,
            element("th", {"scope": "row"}, said("swaps.row", named=_named(record, swap), position=swap.position)),
            *(element("td", None, text) for text in texts),
        )
        for swap, texts in zip(record.to or (), cells(record, index), strict=True)
    ]
    caption = element("caption", {"class": "ld-unseen"}, said("swaps.caption"))
    table = element("table", {"class": "ld-table"}, caption, element("thead", None, head), element("tbody", None, *rows))
    return element("div", {"class": "ld-swaps ld-scroll"}, table)


def cells(record: Saliency, index: int) -> list[list[str]]:
    """Of each exchange the estimate and the change, as texts; dashes where it does not stand before the target."""
    found = []
    for number, swap in enumerate(record.to or ()):
        if swap.position >= record.targets[index]:
            found.append([NONE, NONE])
        else:
            found.append([score(record.scores[index][swap.position]), score(_change(record, index, number))])
    return found


def truth(record: Saliency, index: int) -> str:
    """What the exchanges before a target do change, as a sentence."""
    told = [
        f"{_named(record, swap)} {score(_change(record, index, number))}"
        for number, swap in enumerate(record.to or ())
        if swap.position < record.targets[index]
    ]
    return said("swaps.truth", told=", ".join(told)) if told else said("swaps.none")


def _change(record: Saliency, index: int, number: int) -> float:
    return (record.changes or ())[index][number]


def _named(record: Saliency, swap: Swap) -> str:
    """Both tokens."""
    other = quoted((Token(id=swap.id, text=swap.text, kind="output"),), 0)
    return f"{quoted(record.tokens, swap.position)} → {other}"
