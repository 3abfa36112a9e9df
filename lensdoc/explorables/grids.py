"""Tables to walk through, cell by cell: layers down, tokens or places across."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from lensdoc.explorables.display import quoted, word_element
from lensdoc.explorables.elements import Content, Element, element
from lensdoc.explorables.numbers import percent
from lensdoc.explorables.tints import LEVELS
from lensdoc.records.tokens import Token

PALEST_RANK = 1000
"""From this rank on a cell has no colour; between 1 and this the scale is logarithmic."""


def grid_element(
    heads: Sequence[Element], rows: Iterable[tuple[str, Sequence[Element]]], caption: str, direction: str = "ltr"
) -> Element:
    """A table in a frame that scrolls; the heads of rows and columns stay in view. On paper it is as small as it must be.

    Where columns are tokens they run in the direction of the text.
    """
    rows = list(rows)
    corner = element("td", {"class": "ld-corner"})
    head = element("thead", None, element("tr", None, corner, *heads))
    body = element("tbody", None, *(_row(name, cells) for name, cells in rows))
    style = f"--ld-characters: {_characters(rows)}"
    table = element(
        "table", {"class": "ld-grid", "style": style}, element("caption", {"class": "ld-unseen"}, caption), head, body
    )
    return element("div", {"class": "ld-frame", "dir": direction}, table)


def _characters(rows: Sequence[tuple[str, Sequence[Element]]]) -> int:
    """How many characters stand side by side where each column is as wide as its longest cell, with one between columns."""
    columns = zip(*(cells for _, cells in rows), strict=True)
    names = max((len(name) for name, _ in rows), default=0)
    return names + sum(1 + max(len(text) for cell in column for text in cell.itertext()) for column in columns)


def _row(name: str, cells: Sequence[Element]) -> Element:
    return element("tr", None, element("th", {"scope": "row"}, name), *cells)


def token_head(tokens: Sequence[Token], position: int) -> Element:
    """The head of a column that belongs to a token of a text."""
    name = f"{quoted(tokens, position)} (token {position})"
    return element("th", {"scope": "col", "data-name": name}, word_element(tokens, position))


def rank_cell(rank: int, prob: float) -> Element:
    """A rank on its colour; rank 1 has a mark of its own."""
    attributes: dict[str, str | None] = {"data-hue": "1", "data-level": str(rank_level(rank)), "data-p": percent(prob)}
    return element("td", attributes | {"data-first": "" if rank == 1 else None}, f"{rank}")


def rank_level(rank: int) -> int:
    """Step of the tint: the last for rank 1, falling with the logarithm, none from `PALEST_RANK` on."""
    return max(0, math.floor((LEVELS - 1) * (1 - math.log(rank) / math.log(PALEST_RANK)) + 0.5))


def legend() -> Element:
    """What the colours of ranks mean."""
    first = element("span", {"class": "ld-swatch", "data-hue": "1", "data-level": str(LEVELS - 1), "data-first": ""}, "1")
    paler = (
        element("span", {"class": "ld-swatch", "data-hue": "1", "data-level": str(rank_level(r))}, str(r)) for r in (10, 100)
    )
    swatches: list[Content] = [first, *paler, element("span", {"class": "ld-swatch"}, f"{PALEST_RANK:,}+")]
    return element("p", {"class": "ld-legend", "aria-hidden": "true"}, "Rank ", *swatches)


def readout(summary: str, hint: str) -> Element:
    """The line that says what the reader points at, and at rest what the figure shows."""
    shown = element("span", {"class": "ld-summary"}, summary, element("span", {"class": "ld-hint"}, f" {hint}"))
    return element("p", {"class": "ld-readout"}, shown, element("span", {"class": "ld-live"}))


HINT = "Hover, tap or use the arrow keys to read a cell."


def lens_method(*, final_norm: bool) -> str:
    """What figures of the logit lens say of their method."""
    norm = "the final norm and the unembedding" if final_norm else "the unembedding alone, without the final norm,"
    return (
        f"Logit lens: the state after each layer, read by {norm} as if it were the last. Early layers need not write in the "
        "terms that the last one is read in, so a poor rank there does not show that the token is unknown."
    )
