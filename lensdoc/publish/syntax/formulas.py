r"""Formulas: `$...$` and `$$...$$`, and the block `/// equation`, which gives a formula a number.

pymdownx reads them; the page holds the TeX, as text in an element that the site's script draws with KaTeX.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from markdown import Markdown
from pymdownx.blocks.block import Block

from lensdoc.publish.syntax.grammar import EQUATION_CLASS, MATH

_PATTERN = "arithmatex-inline"


class EquationBlock(Block):
    """A numbered formula; the block's content is `$$...$$`."""

    NAME = "equation"
    ARGUMENT = False
    OPTIONS: dict[str, Any] = {}  # noqa: RUF012 - pymdownx's attribute

    def on_create(self, parent: ET.Element) -> ET.Element:
        """The place of the formula; its number comes when all are known."""
        return ET.SubElement(parent, "div", {"class": EQUATION_CLASS})


class OwnFormulas:
    """Keeps formulas ours where a site lists `pymdownx.arithmatex` after lensdoc, which would replace what reads them."""

    def __init__(self, md: Markdown) -> None:
        """Remember what reads formulas now."""
        self._md = md
        self._pattern = md.inlinePatterns[_PATTERN]

    def reset(self) -> None:
        """Called once all extensions are registered, and before each text: put ours back."""
        if self._md.inlinePatterns[_PATTERN] is not self._pattern:
            _read_formulas(self._md)
            self._pattern = self._md.inlinePatterns[_PATTERN]


def register(md: Markdown) -> None:
    """Read formulas, and write each into an element that draws itself."""
    _read_formulas(md)
    md.registerExtension(OwnFormulas(md))  # type: ignore[arg-type] # of an extension only `reset` is asked for


def _read_formulas(md: Markdown) -> None:
    options = {"generic": True, "inline_tag": MATH, "block_tag": MATH}
    md.registerExtensions(["pymdownx.arithmatex"], {"pymdownx.arithmatex": options})
