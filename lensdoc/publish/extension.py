"""The Markdown extension `lensdoc`: explorables, values, citations, and the checks of their source.

All authoring syntax lives here, so that any engine that runs Python-Markdown extensions understands it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.preprocessors import Preprocessor
from pymdownx.blocks import BlocksExtension, BlocksProcessor

from lensdoc.publish.citations.library import STYLE, Library
from lensdoc.publish.citations.page import PageCitations
from lensdoc.publish.citations.references import ReferencesBlock
from lensdoc.publish.crossrefs import setup as crossrefs
from lensdoc.publish.engines import exporters
from lensdoc.publish.engines.zensical import rendering
from lensdoc.publish.engines.zensical.page_state import page_state
from lensdoc.publish.figures.block import ExplorableBlock
from lensdoc.publish.figures.footers import FigureFooters
from lensdoc.publish.figures.live_block import LiveBlock
from lensdoc.publish.figures.state_links import StateLinks
from lensdoc.publish.figures.steps import StepBlock, StepsBlock
from lensdoc.publish.figures.swatches import SwatchColours, SwatchProcessor
from lensdoc.publish.figures.table_block import TableBlock
from lensdoc.publish.layout import setup as layout
from lensdoc.publish.lint.checks import BlockCheck, FootnoteCheck, IdCheck
from lensdoc.publish.state.build import Build
from lensdoc.publish.state.page import PageState
from lensdoc.publish.syntax import block_parser, captions, formulas
from lensdoc.publish.syntax.formulas import EquationBlock
from lensdoc.publish.syntax.processors import add
from lensdoc.publish.syntax.source import Source
from lensdoc.publish.values import conditions
from lensdoc.publish.values.links import ValueLinks
from lensdoc.publish.values.spans import ValueProcessor

_ONLY_SHOWN = (
    "lensdoc_blocks", "lensdoc_footers", "lensdoc_footnotes", "lensdoc_value_links", "lensdoc_write", "lensdoc_show",
    "lensdoc_swatches", "lensdoc_sections", "lensdoc_external", "lensdoc_ids",
)  # fmt: skip
"""Tree processors that change nothing of what other pages can refer to."""


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
            "page": ["", "Given by the MkDocs plugin for each page; not for authors"],
            "locale": ["", "Language of the words of the style, as de-DE; by default the style’s own"],
        }
        super().__init__(**options)
        exporters.spare()

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: BlocksProcessor) -> None:  # noqa: N802 - pymdownx's name
        """Register blocks, values and checks; `syntax.processors` has their order."""
        given: object = self.getConfig("page")
        page = given if isinstance(given, PageState) else page_state(md, self._library) or self._page()
        page.build.number_sections = self.getConfig("number_sections")
        library = self._library(page.build)
        block_parser.mend(block_mgr)
        for block in (ExplorableBlock, LiveBlock, TableBlock, StepsBlock, StepBlock):
            block_mgr.register(block, {"page": page})
        block_mgr.register(EquationBlock, {})
        block_mgr.register(ReferencesBlock, {})
        conditions.register(md, block_mgr, page)
        captions.register(md, block_mgr)
        formulas.register(md)
        crossrefs.register(md, page)
        layout.register(md, block_mgr, page)
        PageCitations(md, page, library)
        add(md, "preprocessors", "lensdoc_source", KeepSource(md, page))
        add(md, "inlinePatterns", "lensdoc_value", ValueProcessor(md, page))
        add(md, "inlinePatterns", "lensdoc_swatch", SwatchProcessor(md, page))
        add(md, "treeprocessors", "lensdoc_blocks", BlockCheck(md, page, block_mgr))
        add(md, "treeprocessors", "lensdoc_footers", FigureFooters(md, page))
        add(md, "treeprocessors", "lensdoc_footnotes", FootnoteCheck(md, page))
        add(md, "treeprocessors", "lensdoc_value_links", ValueLinks(md, page))
        add(md, "treeprocessors", "lensdoc_states", StateLinks(md, page))
        add(md, "treeprocessors", "lensdoc_swatches", SwatchColours(md, page))
        add(md, "treeprocessors", "lensdoc_ids", IdCheck(md, page))
        rendering.register(md, page)
        if page.is_survey:
            for name in _ONLY_SHOWN:
                md.treeprocessors.deregister(name)

    def _page(self) -> PageState:
        return PageState(Build(Path(self.getConfig("data")), docs=Path(self.getConfig("docs"))))

    def _library(self, build: Build) -> Library:
        """The works that pages cite, read once for all pages of a build."""
        if not isinstance(build.library, Library):
            given: object = self.getConfig("bibliography")
            files = [str(file) for file in (given if isinstance(given, list) else [given]) if file]
            style, locale = str(self.getConfig("csl")), str(self.getConfig("locale"))
            build.library = Library(build.root, files, style, build.report, locale)
        return build.library


class KeepSource(Preprocessor):
    """Keeps the source of the page, in which mistakes are located."""

    def __init__(self, md: Markdown, page: PageState) -> None:
        super().__init__(md)
        self.page = page

    def run(self, lines: list[str]) -> list[str]:
        """Keep the lines and hand them on; figures of a text that was rendered before are forgotten."""
        self.page.source = Source(lines, self.page.first_line)
        self.page.figures.clear()
        self.page.choices.clear()
        self.page.besides.clear()
        self.page.options.clear()
        return lines
