"""Whether the opening band of a page opens it: it is shown above everything, wherever it is written."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE

from lensdoc.publish.state.page import PageState

HERO = "ld-hero"
MISPLACED = "ld-misplaced"
"""Class of a band that stays where it is written."""


class OpeningBand(Treeprocessor):
    """Runs once conditions are decided and before inline Markdown: comments stand for themselves."""

    def __init__(self, md: Markdown, page: PageState) -> None:
        super().__init__(md)
        self.page = page

    def run(self, root: ET.Element) -> None:
        """Report bands that open nothing, and leave them in their places."""
        first = next((child for child in root if not self._is_comment(child)), None)
        bands = [element for element in root.iter("div") if HERO in element.get("class", "").split()]
        lines = [self.page.source.line_of(r"^[ \t>]*/{3,} *hero *$") for _ in bands]
        for i, (band, line) in enumerate(zip(bands, lines, strict=True)):
            if band is not first:
                band.set("class", f"{band.get('class')} {MISPLACED}")
                self.page.complain(_reason(lines[0] if i else None, i), line)

    def _is_comment(self, element: ET.Element) -> bool:
        held = HTML_PLACEHOLDER_RE.fullmatch((element.text or "").strip())
        blocks = self.md.htmlStash.rawHtmlBlocks
        return held is not None and str(blocks[int(held[1])]).lstrip().startswith("<!--")


def _reason(first: int | None, before: int) -> str:
    if before:
        where = f" on line {first}" if first else ""
        return f"a page has one hero, and this one has another{where}; leave one out, or make it `/// columns`"
    return "a hero opens its page, and something stands before or around it; put it directly below the front matter"
