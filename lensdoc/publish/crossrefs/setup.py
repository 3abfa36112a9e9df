"""Registers numbering and references with Python-Markdown."""

from __future__ import annotations

from markdown import Markdown

from lensdoc.publish.crossrefs.numbering import Numbering, SectionNumbers
from lensdoc.publish.crossrefs.references import SEVERAL, SINGLE, References, Several, Single
from lensdoc.publish.state.page import PageState
from lensdoc.publish.syntax.processors import add


def register(md: Markdown, page: PageState) -> None:
    """Make figures, tables, equations and sections of a page numbered, and references to them links."""
    md.ESCAPED_CHARS = [*md.ESCAPED_CHARS, *({"@"} - set(md.ESCAPED_CHARS))]
    add(md, "inlinePatterns", "lensdoc_references", Several(SEVERAL, md))
    add(md, "inlinePatterns", "lensdoc_reference", Single(SINGLE, md))
    add(md, "treeprocessors", "lensdoc_numbers", Numbering(md, page))
    add(md, "treeprocessors", "lensdoc_references", References(md, page))
    add(md, "treeprocessors", "lensdoc_section_numbers", SectionNumbers(md))
