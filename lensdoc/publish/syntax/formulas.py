r"""Formulas: `$...$` and `$$...$$`, and the block `/// equation`, which gives a formula a number.

pymdownx reads them; the page holds the TeX, as text in an element that the site's script draws with KaTeX.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from markdown import Markdown
from pymdownx.blocks.block import Block

from lensdoc.publish.syntax.grammar import EQUATION_CLASS, MATH


class EquationBlock(Block):
    """A numbered formula; the block's content is `$$...$$`."""

    NAME = "equation"
    ARGUMENT = False
    OPTIONS: dict[str, Any] = {}  # noqa: RUF012 - pymdownx's attribute

    def on_create(self, parent: ET.Element) -> ET.Element:
        """The place of the formula; its number comes when all are known."""
        return ET.SubElement(parent, "div", {"class": EQUATION_CLASS})


def register(md: Markdown) -> None:
    """Read formulas, and write each into an element that draws itself."""
    options = {"generic": True, "inline_tag": MATH, "block_tag": MATH}
    md.registerExtensions(["pymdownx.arithmatex"], {"pymdownx.arithmatex": options})
