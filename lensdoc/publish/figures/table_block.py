"""The block `/// table | RUN/NAME`, or over a field of many runs: `/// table | RUN/*/NAME.field`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

from markdown.util import AtomicString

from lensdoc.core.errors import LensdocError, PublishError
from lensdoc.core.names import nearest
from lensdoc.explorables.data_table import Cell, Head, data_table
from lensdoc.explorables.elements import Element, element, to_html
from lensdoc.explorables.own_table import written
from lensdoc.publish.figures.block import FigureBlock
from lensdoc.publish.figures.table_rows import Content, Value, read_content
from lensdoc.publish.layout.layouts import layout_class
from lensdoc.publish.syntax.grammar import TABLE_CLASS
from lensdoc.publish.values.lookup import formatted
from lensdoc.records.fields import four_digits
from lensdoc.records.table import Column

_TOTALS = {"sum": ("Sum", math.fsum), "mean": ("Mean", lambda values: math.fsum(values) / len(values))}
_OPTIONS = ("columns", "formats", "order", "total", "attrs", "layout")


class TableBlock(FigureBlock):
    """A table of data; the block's content is its caption."""

    NAME = "table"

    def on_create(self, parent: ET.Element) -> ET.Element:
        """The table with its values; a mistake is reported and leaves a figure that says so."""
        self.find_line()
        figure = ET.SubElement(parent, "figure", {"class": f"ld {TABLE_CLASS}"})
        drawing = ET.SubElement(figure, "div")
        try:
            figure.set("class", f"ld {TABLE_CLASS} {layout_class(self.layout)}".rstrip())
            if unknown := next((name for name in self.given if name not in _OPTIONS), None):
                raise PublishError(f"unknown option {unknown!r}; {nearest(unknown, _OPTIONS)}")
            content = read_content(
                self.argument, self.given.get("columns"), self.page, lambda text: self.page.complain(text, self.line)
            )
            if not self.page.is_survey:
                drawing.text = AtomicString(self.md.htmlStash.store(to_html(self._table(content))))
            if content.records:
                figure.append(self._sources(content.records))
            else:
                self.page.figures.append((figure, self.page.record(self.argument.strip())))
        except LensdocError as error:
            drawing.text = AtomicString(f"The table {self.argument} could not be made.")
            self.page.complain(str(error), self.line)
        ET.SubElement(figure, "figcaption")
        return figure

    def known_options(self) -> set[str]:
        """Names of options, for what became text."""
        return set(_OPTIONS)

    def _table(self, content: Content) -> Element:
        names = [column.name for column in content.columns]
        formats = _formats(self.given.get("formats"), content.columns)
        rows = _ordered(content.rows, self.given.get("order"), content.columns)
        totals = _totals(rows, self.given.get("total"), content.columns)
        cells = [[Cell(value, _text(value, formats[name], name)) for value, name in zip(row, names, strict=True)] for row in rows]
        last = None
        if totals:
            texts = (
                _text(value, "" if isinstance(value, str) else formats[name], name)
                for value, name in zip(totals, names, strict=True)
            )
            last = [Cell("" if value is None else value, text) for value, text in zip(totals, texts, strict=True)]
        heads = [Head(column.title, column.unit) for column in content.columns]
        return data_table(heads, cells, last, _file_name(self.argument))

    def _sources(self, records: Sequence[str]) -> ET.Element:
        """Links to the records, for they have no figure of their own here."""
        links: list[Element | str] = ["Data: "]
        for place, name in enumerate(records):
            data = self.page.build.data_path(name)
            address = self.page.address_of(quote(f"{data}.json")) if data else None
            links += [*([", "] if place else []), element("a", {"href": address}, name) if address else name]
        line = element("p", {"class": "ld-sources", "data-search-exclude": ""}, *links)
        return element("div", None, AtomicString(self.md.htmlStash.store(to_html(line))))


def _file_name(argument: str) -> str:
    """How the table is called as a file: by its records, without the fields that it shows of them."""
    folder, _, name = argument.partition(",")[0].strip().replace("*", "all").rpartition("/")
    return f"{folder}/{name.partition('.')[0]}"


def _place(name: object, columns: Sequence[Column], option: str) -> int:
    """Which column an option names, by its name or its title."""
    found = next((place for place, column in enumerate(columns) if name in (column.name, column.title)), None)
    if found is None:
        raise PublishError(f"{option}: unknown column {str(name)!r}; {nearest(str(name), [column.title for column in columns])}")
    return found


def _formats(given: object, columns: Sequence[Column]) -> dict[str, str]:
    formats = {column.name: column.format for column in columns}
    if given is not None and not isinstance(given, Mapping):
        raise PublishError(f"formats must name columns with their formats, `{{name: .2f}}`; it is {given!r:.60}")
    for name, how in (given or {}).items():
        formats[columns[_place(name, columns, "formats")].name] = str(how)
    return formats


def _text(value: Value, how: str, name: str) -> str:
    if value is None or isinstance(value, str) or not how:
        return written(value, "")
    return formatted(value, how, f"column {name!r}").replace("-", "−")


def _ordered(rows: list[list[Value]], order: object, columns: Sequence[Column]) -> list[list[Value]]:
    """Rows by the values of a column, from the least, or with `-` from the largest; rows without a value come last."""
    if order is None:
        return rows
    falling = isinstance(order, str) and order.startswith("-")
    place = _place(order[1:] if isinstance(order, str) and falling else order, columns, "order")
    there = [row for row in rows if row[place] is not None]
    return [*sorted(there, key=lambda row: _key(row[place]), reverse=falling), *(row for row in rows if row[place] is None)]


def _key(value: Value) -> tuple[bool, Any]:
    return isinstance(value, str), value


def _totals(rows: list[list[Value]], given: object, columns: Sequence[Column]) -> list[Value] | None:
    """The last row: what each column of numbers adds up to; the columns that are named, or all."""
    if given is None:
        return None
    wanted = {_place(name, columns, "total"): how for name, how in given.items()} if isinstance(given, Mapping) else {}
    hows = set(wanted.values()) if wanted else {given}
    if wrong := next((how for how in hows if how not in _TOTALS), None):
        raise PublishError(f"total must be sum or mean, or name columns with these, it is {wrong!r}")
    if len(hows) > 1:
        raise PublishError("total: sums and means do not stand in one row; choose one of them")
    title, function = _TOTALS[str(next(iter(hows)))]
    numeric = [all(isinstance(row[place], int | float) for row in rows) for place in range(len(columns))]
    places = wanted or {place: given for place in range(1, len(columns)) if numeric[place]}
    for place in places:
        if not (numeric[place] and rows and place):
            raise PublishError(f"total: the column {columns[place].title!r} is the first, or not all of its values are numbers")
    found: list[Value] = [title, *([None] * (len(columns) - 1))]
    for place in places:
        values = [row[place] for row in rows]
        exact = all(isinstance(value, int) for value in values) and title == "Sum"
        found[place] = sum(values) if exact else four_digits(function(values))  # type: ignore[arg-type] # numbers, as seen above
    return found
