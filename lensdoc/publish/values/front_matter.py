"""Values in front matter: `title: A count in {val} ... factors`, in code spans as in prose."""

from __future__ import annotations

import re
from html import escape
from typing import Any, NamedTuple

from lensdoc.core.errors import LensdocError
from lensdoc.publish.state.page import PageState
from lensdoc.publish.syntax.grammar import CODE_SPAN, UNKNOWN_VALUE, VALUE
from lensdoc.publish.syntax.source import Source
from lensdoc.publish.values.lookup import read_value


class Filled(NamedTuple):
    """Front matter with the text of its values."""

    text: dict[str, Any]
    """As we read it."""
    html: dict[str, Any]
    """As themes print it, which escape nothing: the text of values has no markup."""


def fill_values(meta: dict[str, Any], source: str, page: PageState) -> Filled:
    """The front matter with the text of its values; a mistake is reported.

    Args:
        meta: The front matter as read.
        source: The file, in which mistakes are located.
        page: Where the records are.
    """
    lines = Source(source.split("\n"))

    def value_of(span: re.Match[str]) -> str | None:
        if not VALUE.match(span[2]):
            return None
        try:
            return read_value(VALUE.sub("", span[2], count=1), page)
        except LensdocError as error:
            page.complain(str(error), lines.line_of(re.escape(span[0]), text=span[0]))
            return UNKNOWN_VALUE

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


def _put(text: str, values: list[str | None]) -> str:
    """A text with values in place of its code spans; None leaves one as it is."""
    given = iter(values)

    def written(span: re.Match[str]) -> str:
        value = next(given)
        return span[0] if value is None else value

    return re.sub(CODE_SPAN, written, text)
