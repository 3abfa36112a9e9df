"""`lensdoc.table`: rows of numbers and texts as a record."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic import ValidationError

from lensdoc.core.errors import DataError
from lensdoc.core.names import nearest
from lensdoc.own.origin import origin_of
from lensdoc.records.table import Column, Table

Row = Mapping[str, Any] | Sequence[Any]
Columns = Sequence[str] | Mapping[str, str | Mapping[str, str]]
_MOST_ROWS = 10_000


def table(rows: Any, columns: Columns | None = None, *, of: object = None) -> Table:  # noqa: ANN401 - a data frame is any
    """A table of your own as a record, which a page shows with `/// table`, as CSV, and in single values.

    Numbers that are not whole are kept to four significant digits, as in every record.

    Args:
        rows: A mapping of names to values for each row, a sequence of values for each row, or a data frame of pandas or Polars. A
            value is a number, a text, or None where it is missing; at most 10,000 rows.
        columns: Names of the columns in their order; or names to titles; or names to a mapping of `title`, `unit` and `format`
            (`.2f`, as Python formats). None takes the names of the first row.
        of: A trace or a record from which it was computed, whose model the page then names.

    Raises:
        DataError: Rows and columns do not fit, a value is none of these or no finite number, or a column has numbers and texts.
    """
    found = _rows(rows)
    described = _columns(columns, found)
    names = [column.name for column in described]
    values = tuple(_values(row, names, index) for index, row in enumerate(found))
    model, provenance = origin_of(of)
    try:
        return Table(
            tokens=(), facts={"rows": len(values)}, model=model, provenance=provenance, columns=tuple(described), rows=values
        )
    except ValidationError as error:
        raise DataError(error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")) from None


def _rows(rows: Any) -> list[Row]:  # noqa: ANN401 - as above
    if hasattr(rows, "to_dicts"):  # Polars
        rows = rows.to_dicts()
    elif hasattr(rows, "to_dict") and hasattr(rows, "columns"):  # pandas
        rows = rows.to_dict("records")
    found = list(rows)
    if len(found) > _MOST_ROWS:
        raise DataError(f"a table has at most {_MOST_ROWS:,} rows, it has {len(found):,}; keep those that readers need")
    for index, row in enumerate(found):
        if isinstance(row, str) or not isinstance(row, Mapping | Sequence):
            raise DataError(f"rows[{index}] must be a mapping or a sequence, it is {row!r:.60}")
    return cast("list[Row]", found)


def _columns(columns: Columns | None, rows: Sequence[Row]) -> list[Column]:
    if columns is None:
        if not rows or not isinstance(rows[0], Mapping):
            raise DataError("columns must name the columns, unless the first row is a mapping with their names")
        columns = list(rows[0])
    given = columns if isinstance(columns, Mapping) else {name: {} for name in columns}
    if not isinstance(columns, Mapping) and len(given) != len(columns):
        raise DataError(f"columns must differ, they are {list(columns)!r}")
    return [_column(name, said) for name, said in given.items()]


def _column(name: str, said: str | Mapping[str, str]) -> Column:
    options = {"title": said} if isinstance(said, str) else dict(said)
    allowed = ("title", "unit", "format")
    if unknown := next((option for option in options if option not in allowed), None):
        raise DataError(f"column {name!r}: unknown option {unknown!r}; {nearest(unknown, allowed)}")
    try:
        return Column(name=name, **{"title": str(name).replace("_", " "), **options})
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        field = problem["loc"][0] if problem["loc"] else "name"
        raise DataError(
            f"column {name!r}: its {field} does not fit: {problem['msg']}; a name is an identifier, a format Python's own"
        ) from None


def _values(row: Row, names: Sequence[str], index: int) -> tuple[Any, ...]:
    if isinstance(row, Mapping):
        if unknown := next((name for name in row if name not in names), None):
            raise DataError(f"rows[{index}]: unknown column {unknown!r}; {nearest(str(unknown), names)}")
        values = [row.get(name) for name in names]
    else:
        values = list(row)
    if len(values) != len(names):
        raise DataError(f"rows[{index}] has {len(values)} values, but there are {len(names)} columns")
    return tuple(_value(value, f"rows[{index}], column {name!r}") for name, value in zip(names, values, strict=True))


def _value(value: Any, where: str) -> Any:  # noqa: ANN401 - whatever the author gave
    value = value.item() if hasattr(value, "item") else value
    fits = value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))
    if not fits or (isinstance(value, float) and not math.isfinite(value)):
        raise DataError(f"{where}: a value is a finite number, a text, or None where it is missing; it is {value!r:.60}")
    return value
