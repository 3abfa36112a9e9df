"""The record of kind `table`: rows of numbers and texts that the author put together."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from lensdoc.records.fields import Fact, Identifier, StrictData
from lensdoc.records.record import Record
from lensdoc.records.shapes import check_length

FORMAT = r"^(?:[^{}]?[<>=^])?[-+ ]?#?0?(\d{0,2})[,_]?(?:\.\d{1,2})?[bdeEfFgGosxX%]?$"
"""A format specification of Python with a width below 100."""


class Column(StrictData):
    """One column: all its values are numbers, or all are texts; one that is missing is null."""

    name: Identifier
    """How pages call it: in `columns`, `formats` and `order`."""
    title: Annotated[str, Field(min_length=1)]
    """What stands above it."""
    unit: str = ""
    """Unit of its numbers; two values are only subtracted or divided where their units are the same."""
    format: Annotated[str, Field(pattern=FORMAT)] = ""
    """How its numbers are written, as Python's format specification; by default with all digits that the record keeps."""


class Table(Record):
    """A table; `rows[r][c]` is the value of row `r` in column `c`.

    It has no tokens, and no facts but the number of rows and those that the author adds.
    """

    KIND: ClassVar[str] = "table"
    VERSION: ClassVar[tuple[int, int]] = (1, 0)

    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    rows: tuple[tuple[Fact | None, ...], ...]

    @model_validator(mode="after")
    def _columns_are_whole(self) -> Table:
        names = [column.name for column in self.columns]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"columns: two are called {twice[0]!r}; give each its own name")
        for index, row in enumerate(self.rows):
            check_length(f"rows[{index}]", row, "columns", len(self.columns))
        for column, values in zip(self.columns, zip(*self.rows, strict=True), strict=False):
            texts = {isinstance(value, str) for value in values if value is not None}
            if len(texts) > 1:
                raise ValueError(
                    f"the column {column.name!r} has numbers and texts; a column has one of them, and null where it has none"
                )
        return self
