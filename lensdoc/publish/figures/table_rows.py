"""Rows and columns of the block `/// table`: of a record of kind `table`, or of a field of many runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lensdoc.core.errors import LensdocError, PublishError
from lensdoc.core.names import nearest
from lensdoc.publish.figures.matching import known_names, natural, without_gone
from lensdoc.publish.values.arithmetic import Quantity, read_expression
from lensdoc.publish.values.lookup import quantity
from lensdoc.records.table import Column, Table

if TYPE_CHECKING:
    from lensdoc.publish.state.page import PageState
    from lensdoc.records.record import Record

Value = int | float | str | None
_FIELD = re.compile(r"(?P<record>[^\s.,]+(?:\.[^\s.,/]+)*?/[A-Za-z0-9_-]+)(?P<path>(?:\.[A-Za-z_]\w*|\[\d+\])*)")
_SCALAR = (int, float, str)


@dataclass(frozen=True)
class Content:
    """What a table shows, before it is ordered."""

    columns: list[Column]
    rows: list[list[Value]]
    records: list[str] = field(default_factory=list)
    """Names of the records that many runs gave."""


def read_content(argument: str, columns: object, page: PageState, complain: Callable[[str], None]) -> Content:
    """Rows and columns.

    Args:
        argument: What stands behind `/// table |`.
        columns: The option `columns`: a list of names, or a mapping of titles to a name or to `a - b` or `a / b` of two.
        page: Where the records are.
        complain: Receives each run without a record; its row has no values.

    Raises:
        PublishError: The argument or the columns name nothing that a table can show.
        DataError: A file breaks the format.
    """
    chosen = _chosen(columns)
    if "*" in argument or any(_matched(part)["path"] for part in argument.split(",")):
        return _of_runs(argument, chosen, page, complain)
    record = page.record(argument.strip())
    if not isinstance(record, Table):
        raise PublishError(
            f"{argument.strip()} is of kind {record.KIND!r}; a table shows a record of kind 'table', or a field of many runs, "
            f"such as {argument.strip().rpartition('/')[0]}/*/{argument.strip().rpartition('/')[2]}.facts.NAME"
        )
    return _of_record(record, chosen)


def _chosen(columns: object) -> dict[str, str]:
    """Titles to expressions."""
    if columns is None:
        return {}
    if isinstance(columns, str):
        columns = [part.strip() for part in columns.split(",")]
    if isinstance(columns, list) and all(isinstance(name, str) for name in columns):
        return {name: name for name in columns}
    if isinstance(columns, Mapping) and all(isinstance(text, str) for pair in columns.items() for text in pair):
        return dict(columns)
    raise PublishError(f"columns must be names, or titles with what stands below them, `{{Title: name}}`; it is {columns!r:.60}")


def _of_record(record: Table, chosen: Mapping[str, str]) -> Content:
    by_name = {column.name: place for place, column in enumerate(record.columns)}

    def look_up_in(row: Sequence[Value]) -> Callable[[str], Quantity]:
        def look_up(name: str) -> Quantity:
            if name not in by_name:
                raise PublishError(f"unknown column {name!r}; {nearest(name, by_name)}")
            return Quantity(row[by_name[name]], record.columns[by_name[name]].unit)

        return look_up

    if not chosen:
        return Content(list(record.columns), [list(row) for row in record.rows])
    rows = [[_computed(text, look_up_in(row)) for text in chosen.values()] for row in record.rows]
    columns = [_column_of(record, by_name, title, text, place) for place, (title, text) in enumerate(chosen.items())]
    return Content(columns, rows)


def _column_of(record: Table, by_name: Mapping[str, int], title: str, text: str, place: int) -> Column:
    """A column as it is in the record, under another title if the author gave one, or a computed one."""
    if text not in by_name:
        unit = read_expression(text, lambda name: Quantity(1, record.columns[by_name[name]].unit)).unit if record.rows else ""
        return Column(name=_identifier(title, place), title=title, unit=unit)
    column = record.columns[by_name[text]]
    return column if title == text else column.model_copy(update={"title": title})


def _computed(text: str, look_up: Callable[[str], Quantity]) -> Value:
    """A value, or that of two; none where one of them is missing."""
    missing = False

    def found(name: str) -> Quantity:
        nonlocal missing
        quantity = look_up(name)
        missing = missing or quantity.value is None
        return Quantity(1, quantity.unit) if quantity.value is None else quantity

    value = read_expression(text, found).value
    if missing:
        return None
    if isinstance(value, bool) or not isinstance(value, _SCALAR):
        raise PublishError(f"{text!r} is no single number or text; name a part of it")
    return value


def _matched(part: str) -> re.Match[str]:
    found = _FIELD.fullmatch(part.strip())
    if not found:
        raise PublishError(f"a table is written `/// table | RUN/NAME` or `/// table | RUN/*/NAME.field`, not {part.strip()!r}")
    return found


def _of_runs(argument: str, chosen: Mapping[str, str], page: PageState, complain: Callable[[str], None]) -> Content:
    parts = [_matched(part) for part in argument.split(",")]
    patterns = dict.fromkeys(part["record"] for part in parts)
    if len(patterns) > 1:
        raise PublishError(f"the fields of a table are of the same records; these are {' and '.join(map(repr, patterns))}")
    pattern = next(iter(patterns))
    fields = {part["path"].rpartition(".")[2] or part["path"]: part["path"].lstrip(".") for part in parts if part["path"]} | dict(
        chosen
    )
    if not fields:
        raise PublishError(f"name what to show of {pattern}: {pattern}.facts.NAME, or columns: {{Title: facts.NAME}}")
    names = _names(pattern, page, complain)
    records = {name: _record(name, page, complain) for name in names}
    heads, row_heads = _heads(pattern, records)
    rows: list[list[Value]] = []
    for name in names:
        values = [_value(name, text, page) if records[name] else None for text in fields.values()]
        rows.append([*row_heads[name], *values])
    columns = [Column(name=_identifier(title, place), title=title) for place, title in enumerate([*heads, *fields])]
    return Content(columns, rows, [name for name in names if records[name]])


def _names(pattern: str, page: PageState, complain: Callable[[str], None]) -> list[str]:
    """Records that match, those that runs declare among them, whether or not they are there; numbers in their order."""
    known = known_names(page)
    expression = re.compile("[^/]*".join(map(re.escape, pattern.split("*"))))
    found = sorted(without_gone(list(filter(expression.fullmatch, known)), page, complain), key=natural)
    if not found:
        raise PublishError(f"no record matches {pattern!r}; {nearest(pattern, sorted(known))}")
    return found


def _record(name: str, page: PageState, complain: Callable[[str], None]) -> Record | None:
    try:
        return page.record(name)
    except PublishError as error:
        complain(str(error))
    except LensdocError as error:
        run = name.rpartition("/")[0]
        complain(f"the run {run!r} has no record for this table: {error}; execute it: lensdoc run {run}")
    return None


def _heads(pattern: str, records: Mapping[str, Record | None]) -> tuple[list[str], dict[str, list[Value]]]:
    """What tells the rows apart: the parameters in which runs differ, else what stands for the `*` of their names."""
    parameters = {name: record.provenance.parameters if record else {} for name, record in records.items()}
    there = [parameters[name] for name, record in records.items() if record]
    names = sorted({key for found in there for key in found})
    differ = [key for key in names if len({repr(found.get(key)) for found in there}) > 1]
    short = all(isinstance(found.get(key), _SCALAR) for found in there for key in differ)
    if differ and short and len(there) == len(records):
        return differ, {name: [_scalar(found.get(key)) for key in differ] for name, found in parameters.items()}
    groups = re.compile("([^/]*)".join(map(re.escape, pattern.split("*"))))
    matched = {name: found.groups() if (found := groups.fullmatch(name)) else () for name in records}
    return ["run"], {name: [" ".join(parts) or name] for name, parts in matched.items()}


def _scalar(value: object) -> Value:
    return str(value) if isinstance(value, bool) else value if isinstance(value, int | float | str) else None


def _value(name: str, text: str, page: PageState) -> Value:
    try:
        return _computed(text, lambda path: quantity(f"{name}{path if path.startswith('[') else f'.{path}'}", page))
    except PublishError as error:
        said = str(error)
        raise PublishError(said if said.startswith(name) else f"{name}: {said}") from None


def _identifier(title: str, place: int) -> str:
    """How options may call a column that no record names."""
    return title if title.isidentifier() and title.isascii() else f"column_{place + 1}"
