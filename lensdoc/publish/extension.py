"""The Markdown extension `lensdoc`: explorables, values, and the lint of their source.

All authoring syntax lives here, so that any engine that runs Python-Markdown extensions understands it.
"""

from __future__ import annotations

from pathlib import Path
from re import Match
from typing import Any
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.util import AtomicString
from pymdownx.blocks import BlocksExtension, BlocksProcessor

from lensdoc.publish.blocks import ExplorableBlock
from lensdoc.publish.context import Context
from lensdoc.publish.lint import lint
from lensdoc.publish.values import CODE_SPAN, PREFIX, read_value
from lensdoc.records.errors import LensdocError

UNKNOWN = "??"
"""Stands where a value could not be found; the lint has said why."""
_BEFORE_CODE = 191
"""Python-Markdown reads code spans at 190; values are code spans too, and must be seen first."""
_BEFORE_ALL = 1000
"""The lint reads the source as it was written."""


class LensdocExtension(BlocksExtension):
    """Python-Markdown extension; options: `data`, the folder of data files (from where the build is started)."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - Python-Markdown's own signature
        self.config = {
            "data": ["docs/data", "Folder of the data files"],
            "context": ["", "Given by the MkDocs plugin; not for authors"],
        }
        super().__init__(**options)

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: BlocksProcessor) -> None:  # noqa: N802 - pymdownx's name
        """Register blocks, values and the lint."""
        given: object = self.getConfig("context")
        context = given if isinstance(given, Context) else Context(Path(self.getConfig("data")))
        block_mgr.register(ExplorableBlock, {"context": context})
        md.inlinePatterns.register(ValueProcessor(md, context), "lensdoc_value", _BEFORE_CODE)
        md.preprocessors.register(Lint(md, context, block_mgr), "lensdoc_lint", _BEFORE_ALL)


class ValueProcessor(InlineProcessor):
    """Code spans that begin with `{val}` become the value they name."""

    def __init__(self, md: Markdown, context: Context) -> None:
        super().__init__(CODE_SPAN, md)
        self.context = context

    # Python-Markdown's base class declares other names and narrower results than it uses.
    def handleMatch(  # type: ignore[override]  # noqa: N802 - its name
        self, m: Match[str], data: str
    ) -> tuple[ET.Element | None, int | None, int | None]:
        """Replace the code span, or leave it to the code processor."""
        del data
        if m.group(1) != "`" or not m.group(2).startswith(PREFIX):
            return None, None, None
        shown = ET.Element("span", {"class": "ld-value"})
        try:
            shown.text = AtomicString(read_value(m.group(2).removeprefix(PREFIX), self.context))
        except LensdocError as error:
            shown.text = AtomicString(UNKNOWN)
            if m.group(2) not in self.context.checked:  # a code span over several lines, which the lint does not read
                self.context.report(f"{self.context.page}: {error}")
        return shown, m.start(0), m.end(0)


class Lint(Preprocessor):
    """Reports mistakes with their line before anything else reads the page."""

    def __init__(self, md: Markdown, context: Context, block_mgr: BlocksProcessor) -> None:
        super().__init__(md)
        self.context = context
        self.blocks = block_mgr

    def run(self, lines: list[str]) -> list[str]:
        """Report, and hand the page on unchanged."""
        for line, message in lint(lines, self.context, list(self.blocks.blocks)):
            self.context.report(f"{self.context.page}:{line + self.context.first_line - 1}: {message}")
        return lines
