"""A record's numbers as a table for other programs (CSV)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from itertools import islice

from lensdoc.core.errors import LensdocError
from lensdoc.explorables.kinds import Cell, explorable, has_figure
from lensdoc.publish.state.build import Build
from lensdoc.records.record import Record

MOST_ROWS = 100_000
"""Larger tables are not written: the JSON holds the numbers."""


def csv_text(record: Record) -> str | None:
    """A header and a row for each number; None where the kind has no table, or too large a one.

    Spreadsheets take text that begins with one of = + - @ for a formula, so such text has an apostrophe before it.
    """
    table = explorable(record.KIND).table if has_figure(record.KIND) else None
    if table is None:
        return None
    rows = list(islice(table.rows(record), MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        return None
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_guarded(table.heads(record)))
    writer.writerows(zip(*map(_guarded, zip(*rows, strict=True)), strict=True))
    return out.getvalue()


def tables(build: Build) -> dict[str, str]:
    """The tables of all valid records that the site has, by the record's name."""
    found = {}
    for name in build.names():
        try:
            text = csv_text(build.record(name)) if build.data_path(name) else None
        except LensdocError:  # told where a page asks for the record
            continue
        if text is not None:
            found[name] = text
    return found


def _guarded(column: tuple[Cell, ...]) -> Iterable[Cell]:
    # Programs trim white space before they look for a formula. Columns are long, and hold few texts, or none.
    formulas = {cell for cell in set(column) if isinstance(cell, str) and cell.lstrip().startswith(("=", "+", "-", "@"))}
    return [f"'{cell}" if cell in formulas else cell for cell in column] if formulas else column
