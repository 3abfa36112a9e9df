"""Code spans that begin with `{val}` or `{spark}` become the value or the sparkline that they name."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

from lensdoc.core.errors import LensdocError
from lensdoc.publish.state.page import PageState
from lensdoc.publish.syntax.grammar import CODE_SPAN, MISTYPED, SPARKLINE, UNKNOWN_VALUE, VALUE
from lensdoc.publish.syntax.source import as_written, written_text
from lensdoc.publish.values.arithmetic import names_in
from lensdoc.publish.values.links import FROM, RECORD, describe
from lensdoc.publish.values.lookup import locate, read_value
from lensdoc.publish.values.sparks import read_spark


class ValueProcessor(InlineProcessor):
    """Replaces the code spans that are values."""

    def __init__(self, md: Markdown, page: PageState) -> None:
        super().__init__(CODE_SPAN, md)
        self.page = page

    # Python-Markdown's base class declares narrower results than it uses.
    def handleMatch(  # type: ignore[override]  # noqa: N802 - its name
        self, m: re.Match[str], data: str
    ) -> tuple[ET.Element | None, int | None, int | None]:
        """Replace the code span, or leave it to the code processor."""
        del data
        ticks, content = m.groups()
        made = next((make for prefix, make in _SPANS.items() if prefix.match(content)), None)
        if ticks == "`" and not made and (mistyped := MISTYPED.match(content)):
            self._complain(f"{mistyped[0]} is no value; write `{{val}} RUN/NAME.field:format` or `{{spark}} RUN/NAME[t]`", m[0])
        if ticks != "`" or not made:
            return None, None, None
        try:
            return made(content.partition("}")[2].lstrip(), self.page), m.start(0), m.end(0)
        except LensdocError as error:
            self._complain(str(error), m[0])
            return _shown(UNKNOWN_VALUE), m.start(0), m.end(0)

    def _complain(self, message: str, written: str) -> None:
        self.page.complain(message, self.page.source.line_of(rf"(?<!`){as_written(written)}(?!`)", text=written_text(written)))


def _shown(text: str, **attributes: str) -> ET.Element:
    shown = ET.Element("span", {"class": "ld-value", **attributes})
    shown.text = AtomicString(text)
    return shown


def _value(reference: str, page: PageState) -> ET.Element:
    text = read_value(reference, page)
    places = [locate(part) for part in names_in(reference)]
    told = dict.fromkeys(describe(page.record(name), name, path) for name, path in places)
    return _shown(text, **{RECORD: places[0][0], FROM: "\n".join(told)})


_SPANS: dict[re.Pattern[str], Callable[[str, PageState], ET.Element]] = {VALUE: _value, SPARKLINE: read_spark}
"""What a code span begins with, and what it becomes."""
