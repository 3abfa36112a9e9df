"""The Markdown extension `lensdoc`: explorables, values, citations, and the checks of their source.

All authoring syntax lives here, so that any engine that runs Python-Markdown extensions understands it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.util import AtomicString
from pymdownx.blocks import BlocksExtension, BlocksProcessor

from lensdoc.publish import captions, conditions, formulas, sparks
from lensdoc.publish.blocks import ExplorableBlock
from lensdoc.publish.checks import BlockCheck, FootnoteCheck, IdCheck
from lensdoc.publish.citations.library import STYLE, Library
from lensdoc.publish.citations.page import Page
from lensdoc.publish.citations.references import ReferencesBlock
from lensdoc.publish.context import Context
from lensdoc.publish.crossrefs import setup as crossrefs
from lensdoc.publish.crossrefs.pages import Pages
from lensdoc.publish.engines import rendering
from lensdoc.publish.engines.zensical import page_context
from lensdoc.publish.footers import FigureFooters
from lensdoc.publish.formulas import EquationBlock
from lensdoc.publish.layout import setup as layout
from lensdoc.publish.provenance import FROM, RECORD, ValueLinks, describe
from lensdoc.publish.source import Source, as_written
from lensdoc.publish.states import StateLinks
from lensdoc.publish.values import CODE_SPAN, MISTYPED, PREFIX, UNKNOWN, locate, read_value
from lensdoc.records.errors import LensdocError

SplitHeader = Callable[[str, int], tuple[dict[str, Any] | None, str]]
_BEFORE_CODE = 191
"""Python-Markdown reads code spans at 190; values are code spans too, and must be seen first."""
_BEFORE_ALL = 1000
"""The source is kept as it was written."""
_BEFORE_INLINE = 21
"""Python-Markdown reads inline Markdown at 20."""
_AFTER_INLINE = 19
_BEFORE_LINKS = 1
"""MkDocs looks at links at 0, and knows no states."""
_AFTER_ATTRIBUTES = 7
"""Headings and links are there, and the table of contents is not made."""
_LAST = -1000


class LensdocExtension(BlocksExtension):
    """Python-Markdown extension; its options are seen from where the build is started.

    `data`: the folder of data files; `docs`: the folder of pages; `number_sections`: whether headings have numbers;
    `bibliography`: a BibTeX or BibLaTeX file or a list of them; `csl`: the citation style; `locale`: the language of its words.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - Python-Markdown's own signature
        self.config = {
            "data": ["docs/data", "Folder of the data files"],
            "docs": ["docs", "Folder of the pages"],
            "number_sections": [False, "Whether headings have numbers"],
            "bibliography": ["", "BibTeX or BibLaTeX file of the works that pages cite, or a list of files"],
            "csl": [STYLE, "Citation style: the name of one of ours, or the path of a .csl file"],
            "locale": ["", "Language of the words of the style, as de-DE; by default the style’s own"],
            "context": ["", "Given by the MkDocs plugin; not for authors"],
        }
        super().__init__(**options)

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: BlocksProcessor) -> None:  # noqa: N802 - pymdownx's name
        """Register blocks, values and checks."""
        given: object = self.getConfig("context")
        context = given if isinstance(given, Context) else page_context(md, self._library) or self._context()
        context.number_sections = self.getConfig("number_sections")
        block_mgr.split_header = _with_string_names(block_mgr.split_header)
        block_mgr.register(ExplorableBlock, {"context": context})
        block_mgr.register(EquationBlock, {})
        conditions.register(md, block_mgr, context)
        captions.register(md, block_mgr)
        formulas.register(md)
        crossrefs.register(md, context)
        md.treeprocessors.register(ValueLinks(md, context), "lensdoc_value_links", _AFTER_ATTRIBUTES)
        block_mgr.register(ReferencesBlock, {})
        layout.register(md, block_mgr, context)
        md.preprocessors.register(KeepSource(md, context), "lensdoc_source", _BEFORE_ALL)
        md.inlinePatterns.register(ValueProcessor(md, context), "lensdoc_value", _BEFORE_CODE)
        Page(md, context, self._library(context))
        md.treeprocessors.register(BlockCheck(md, context, block_mgr), "lensdoc_blocks", _BEFORE_INLINE)
        md.treeprocessors.register(FigureFooters(md, context), "lensdoc_footers", _AFTER_INLINE)
        md.treeprocessors.register(FootnoteCheck(md, context), "lensdoc_footnotes", _AFTER_INLINE)
        md.treeprocessors.register(StateLinks(md, context), "lensdoc_states", _BEFORE_LINKS)
        md.treeprocessors.register(IdCheck(md, context), "lensdoc_ids", _LAST)
        rendering.register(md, context)

    def _context(self) -> Context:
        docs = Path(self.getConfig("docs"))
        return Context(Path(self.getConfig("data")), docs=docs, pages=Pages(docs))

    def _library(self, context: Context) -> Library:
        """The works that pages cite, read once for all pages of a build."""
        given: object = self.getConfig("bibliography")
        files = [str(file) for file in (given if isinstance(given, list) else [given]) if file]
        style, locale = str(self.getConfig("csl")), str(self.getConfig("locale"))
        context.library = context.library or Library(context.root, files, style, context.report, locale)
        return context.library


def _with_string_names(split_header: SplitHeader) -> SplitHeader:
    """Pymdownx hands options on as keyword arguments, so a name that YAML reads as a number would be a traceback."""

    def split(block: str, length: int) -> tuple[dict[str, Any] | None, str]:
        options, rest = split_header(block, length)
        return options and {str(name): value for name, value in options.items()}, rest

    return split


class KeepSource(Preprocessor):
    """Keeps the source of the page, in which mistakes are located."""

    def __init__(self, md: Markdown, context: Context) -> None:
        super().__init__(md)
        self.context = context

    def run(self, lines: list[str]) -> list[str]:
        """Keep the lines and hand them on."""
        self.context.source = Source(lines, self.context.first_line)
        self.context.figures.clear()
        return lines


class ValueProcessor(InlineProcessor):
    """Code spans that begin with `{val}` or `{spark}` become the value or the sparkline that they name."""

    def __init__(self, md: Markdown, context: Context) -> None:
        super().__init__(CODE_SPAN, md)
        self.context = context

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
            return made(content.partition("}")[2].lstrip(), self.context), m.start(0), m.end(0)
        except LensdocError as error:
            self._complain(str(error), m[0])
            return _value(UNKNOWN), m.start(0), m.end(0)

    def _complain(self, message: str, written: str) -> None:
        self.context.complain(message, self.context.source.line_of(rf"(?<!`){as_written(written)}(?!`)"))


def _value(text: str, **attributes: str) -> ET.Element:
    shown = ET.Element("span", {"class": "ld-value", **attributes})
    shown.text = AtomicString(text)
    return shown


def _found(reference: str, context: Context) -> ET.Element:
    text = read_value(reference, context)
    name, path = locate(reference)
    return _value(text, **{RECORD: name, FROM: describe(context.record(name), name, path)})


_SPANS: dict[re.Pattern[str], Callable[[str, Context], ET.Element]] = {
    PREFIX: _found,
    sparks.PREFIX: sparks.read_spark,
}
"""What a code span begins with, and what it becomes."""
