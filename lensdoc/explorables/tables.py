"""The figure's content once more, as a table that opens on request: for reading out, for exact numbers, for copying."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lensdoc.explorables.elements import Element, element


def table_details(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Element:
    """A closed `details` with a table; the first cell of a row is its head."""
    head = element("tr", None, *(element("th", {"scope": "col"}, text) for text in heads))
    table = element("table", {"class": "ld-table"}, element("thead", None, head), element("tbody", None, *map(_row, rows)))
    return element(
        "details", {"class": "ld-details"}, element("summary", None, title), element("div", {"class": "ld-scroll"}, table)
    )


def _row(cells: Sequence[str]) -> Element:
    first, *others = cells
    return element("tr", None, element("th", {"scope": "row"}, first), *(element("td", None, cell) for cell in others))
