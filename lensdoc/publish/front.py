"""Values in front matter: `title: A count in {val} ... factors`, in code spans as in prose."""

from __future__ import annotations

import re
from typing import Any

from lensdoc.publish.context import Context
from lensdoc.publish.source import Source
from lensdoc.publish.values import CODE_SPAN, PREFIX, UNKNOWN, read_value
from lensdoc.records.errors import LensdocError


def fill_values(meta: dict[str, Any], source: str, context: Context) -> dict[str, Any]:
    """The front matter with the text of its values; a mistake is reported.

    Args:
        meta: The front matter as read.
        source: The file, in which mistakes are located.
        context: Where the records are.
    """
    lines = Source(source.split("\n"))

    def text(span: re.Match[str]) -> str:
        if not PREFIX.match(span[2]):
            return span[0]
        try:
            return read_value(PREFIX.sub("", span[2], count=1), context)
        except LensdocError as error:
            context.complain(str(error), lines.line_of(re.escape(span[0])))
            return UNKNOWN

    def fill(value: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
        if isinstance(value, str):
            return re.sub(CODE_SPAN, text, value)
        if isinstance(value, dict):
            return {key: fill(item) for key, item in value.items()}
        return [fill(item) for item in value] if isinstance(value, list) else value

    return {key: fill(value) for key, value in meta.items()}
