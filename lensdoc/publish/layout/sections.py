"""Puts what stands below a heading into one element, which browsers lay out only near the view."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE

SECTION = "ld-section"
_BEGIN = {"h2", "h3"}
_END = {"h1", *_BEGIN}
_FIGURE = "max(560px, 850px - 25vw)"
_TEXT = "max(6em, 18em - 35cqi)"
"""How high figures and paragraphs are at the mean of this repository's pages: in narrow columns they are higher."""
_OPENING = 12
"""Blocks with which a page begins: what is first seen would move as they are laid out."""
_LETTERS = 290
"""Of such a paragraph."""
_LINE = 0.2
"""How high a line is, in paragraphs."""


class Sections(Treeprocessor):
    """Runs when all else is there.

    Headings stay where they are, so that the contents of the page find them without laying out what is out of view. Of what
    browsers may skip each part costs every move of the pointer a little, so a section is one, and a paragraph is none.
    """

    def run(self, root: ET.Element) -> None:
        """Move what follows a heading, until the next, into a section; not where the page begins."""
        parts: list[ET.Element] = []
        section = None
        for n, child in enumerate(root):
            if child.tag in _END:
                parts.append(child)
                begins = child.tag in _BEGIN and n >= _OPENING
                section = ET.Element("div", {"class": SECTION}) if begins else None
            elif section is None:
                parts.append(child)
            else:
                if not len(section):
                    parts.append(section)
                section.append(child)
        root[:] = parts
        for part in parts:
            if part.get("class") == SECTION:
                part.set("style", f"contain-intrinsic-block-size: auto calc({self._height(part)})")

    def _height(self, section: ET.Element) -> str:
        """How high a section is taken to be until it was near the view: its figures and its texts."""
        texts = [child for child in section if next(child.iter("figure"), None) is None]
        return f"{len(section) - len(texts)} * {_FIGURE} + {sum(map(self._paragraphs, texts)):.3g} * {_TEXT}"

    def _paragraphs(self, block: ET.Element) -> float:
        text = "".join(block.itertext())
        if held := HTML_PLACEHOLDER_RE.fullmatch(text.strip()):  # a block of code
            return str(self.md.htmlStash.rawHtmlBlocks[int(held[1])]).count("\n") * _LINE
        return max(_LINE, len(text) / _LETTERS)
