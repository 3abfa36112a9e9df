"""A table of data that is the figure itself: heads by which scripts sort, numbers in their columns, totals below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lensdoc.explorables.display import visible
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.numbers import NONE

Value = int | float | str | None


@dataclass(frozen=True)
class Cell:
    """A value, and how it is written."""

    value: Value
    text: str


@dataclass(frozen=True)
class Head:
    """What stands above a column."""

    title: str
    unit: str = ""


def data_table(
    heads: Sequence[Head], rows: Sequence[Sequence[Cell]], totals: Sequence[Cell] | None, name: str, label: str = ""
) -> Element:
    """The custom element with its table.

    Args:
        heads: One for each column.
        rows: Cells, as many in each row as there are heads; the first of a row is its head.
        totals: Cells of a last row, which stays last when readers sort.
        name: The file that readers save.
        label: What screen readers call the table: its name, where nothing is said.
    """
    numbers = [all(isinstance(row[c].value, int | float | None) for row in rows) and bool(rows) for c in range(len(heads))]
    head = element("tr", None, *(_head(found, is_number=number) for found, number in zip(heads, numbers, strict=True)))
    parts = [element("thead", None, head), element("tbody", None, *(_row(row, numbers) for row in rows))]
    if totals:
        parts.append(element("tfoot", None, _row(totals, numbers)))
    table = element("table", {"class": "ld-table"}, *parts)
    scroll = element("div", {"class": "ld-scroll", "tabindex": "0", "role": "region", "aria-label": label or name}, table)
    said = element("p", {"class": "ld-unseen ld-live", "role": "status"})
    return element("lens-table", {"class": "ld-data-table", "data-name": name.replace("/", "-")}, scroll, said)


def _head(head: Head, *, is_number: bool) -> Element:
    unit = [element("span", {"class": "ld-unit"}, f" ({visible(head.unit)})")] if head.unit else []
    title = visible(head.title).replace(" / ", "\u00a0/ ")  # or a stroke would stand alone in a line
    return element("th", {"scope": "col", **_class(is_number=is_number)}, title, *unit)


def _row(cells: Sequence[Cell], numbers: Sequence[bool]) -> Element:
    return element("tr", None, *_cells(cells, numbers))


def _cells(cells: Sequence[Cell], numbers: Sequence[bool]) -> Iterator[Element]:
    for place, (cell, is_number) in enumerate(zip(cells, numbers, strict=True)):
        tag, scope = ("td", None) if place else ("th", "row")
        text = NONE if cell.value is None else visible(cell.text)
        exact = {"data-value": repr(cell.value)} if isinstance(cell.value, int | float) else {}
        missing = {"data-value": "", "aria-label": "no value"} if cell.value is None else {}
        yield element(tag, {"scope": scope, **_class(is_number=is_number), **exact, **missing}, text)


def _class(*, is_number: bool) -> dict[str, str | None]:
    return {"class": "ld-numeral" if is_number else None}
