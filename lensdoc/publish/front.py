"""Values in front matter: `title: A count in {val} ... factors`, in code spans as in prose."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Any, NamedTuple

from lensdoc.publish.context import Context
from lensdoc.publish.source import Source
from lensdoc.publish.values import CODE_SPAN, PREFIX, UNKNOWN, read_value
from lensdoc.records.errors import LensdocError


class Escaped(str):
    """A text that is HTML already: a template that escapes what it is given leaves it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        """What filters of templates ask for."""
        return self


class Filled(NamedTuple):
    """Front matter with the text of its values."""

    text: dict[str, Any]
    """As we read it."""
    html: dict[str, Any]
    """As themes print it, which escape nothing: the text of values has no markup."""


def fill_values(meta: dict[str, Any], source: str, context: Context) -> Filled:
    """The front matter with the text of its values; a mistake is reported.

    Args:
        meta: The front matter as read.
        source: The file, in which mistakes are located.
        context: Where the records are.
    """
    lines = Source(source.split("\n"))

    def value_of(span: re.Match[str]) -> str | None:
        if not PREFIX.match(span[2]):
            return None
        try:
            return read_value(PREFIX.sub("", span[2], count=1), context)
        except LensdocError as error:
            context.complain(str(error), lines.line_of(re.escape(span[0])))
            return UNKNOWN

    def fill(given: Any) -> tuple[Any, Any]:  # noqa: ANN401 - whatever YAML holds
        if isinstance(given, str):
            values = [value_of(span) for span in re.finditer(CODE_SPAN, given)]
            return _put(given, values), _put(given, [value and escape(value) for value in values])
        if isinstance(given, dict):
            pairs = {key: fill(item) for key, item in given.items()}
            return {key: pair[0] for key, pair in pairs.items()}, {key: pair[1] for key, pair in pairs.items()}
        if isinstance(given, list):
            filled = [fill(item) for item in given]
            return [pair[0] for pair in filled], [pair[1] for pair in filled]
        return given, given

    return Filled(*fill(meta))


def for_theme(meta: Mapping[str, Any]) -> dict[str, Escaped]:
    """The fields that themes write as they are, into titles and attributes."""
    shown = {name: meta[name] for name in ("title", "description", "author") if isinstance(meta.get(name), str | int | float)}
    return {name: Escaped(escape(str(value))) for name, value in shown.items()}


def escape_title(meta: Mapping[str, Any], title: str) -> dict[str, Escaped]:
    """What keeps the title of a heading, which is HTML, escaped: themes take out its tags and, by that, undo its escapes."""
    return {"title": Escaped(title)} if "title" not in meta and "<" in unescape(title) else {}


def _put(text: str, values: list[str | None]) -> str:
    """A text with values in place of its code spans; None leaves one as it is."""
    given = iter(values)

    def written(span: re.Match[str]) -> str:
        value = next(given)
        return span[0] if value is None else value

    return re.sub(CODE_SPAN, written, text)
