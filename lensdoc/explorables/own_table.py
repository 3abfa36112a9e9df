"""The figure of kind `table`: the author's table, as it stands in the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lensdoc.explorables.data_table import Cell, Head, Value, data_table
from lensdoc.explorables.elements import Element
from lensdoc.explorables.kinds import Cell as Number
from lensdoc.explorables.kinds import Explorable
from lensdoc.explorables.kinds import Table as Numbers
from lensdoc.explorables.numbers import exact
from lensdoc.records.table import Table


def draw(record: Table, options: Mapping[str, Any]) -> Element:
    """The custom element with all rows and columns."""
    del options
    heads = [Head(column.title, column.unit) for column in record.columns]
    formats = [column.format for column in record.columns]
    rows = [[Cell(value, written(value, how)) for value, how in zip(row, formats, strict=True)] for row in record.rows]
    label = "Table: " + ", ".join(column.title for column in record.columns)  # several tables of a run stand on one page
    return data_table(heads, rows, None, record.provenance.run or "table", label)


def written(value: Value, how: str) -> str:
    """A value of a table as text: in a format of Python, else a number with all digits that are kept."""
    if value is None or isinstance(value, str):
        return value or ""
    return format(value, how).replace("-", "−") if how else exact(value)


def _rows(record: Table) -> Iterator[tuple[Number, ...]]:
    for row in record.rows:
        yield tuple("" if value is None else value for value in row)


EXPLORABLE = Explorable(
    options={},
    draw=draw,
    method=lambda _: (
        "A table of the author's own, no measure of lensdoc. Numbers that are not whole have four significant digits."
    ),
    table=Numbers(lambda record: tuple(column.name for column in record.columns), _rows),
    exports=False,
    family="table",
)
