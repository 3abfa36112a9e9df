"""Registers numbering and references with Python-Markdown."""

from __future__ import annotations

from markdown import Markdown

from lensdoc.publish.context import Context
from lensdoc.publish.crossrefs.naming import name_of_work
from lensdoc.publish.crossrefs.numbering import Numbering, SectionNumbers
from lensdoc.publish.crossrefs.references import SEVERAL, SINGLE, References, Several, Single
from lensdoc.publish.values import value_text

_AFTER_LINKS = 86
"""Links are read at 160 and raw HTML at 90: both are left alone. Emphasis comes at 60: an id may hold underscores."""
_AFTER_ATTRIBUTES = 6.5
"""attr_list gives ids at 8; the table of contents is made at 5, pymdownx numbers its captions at 4."""
_AFTER_CONTENTS = 4.5


def register(md: Markdown, context: Context) -> None:
    """Make figures, tables, equations and sections of a page numbered, and references to them links."""
    context.pages.read = lambda content: value_text(content, context)
    context.pages.cite = lambda key: name_of_work(key, context.library)
    context.pages.number_sections = context.number_sections
    md.ESCAPED_CHARS = [*md.ESCAPED_CHARS, *({"@"} - set(md.ESCAPED_CHARS))]
    md.inlinePatterns.register(Several(SEVERAL, md), "lensdoc_references", _AFTER_LINKS)
    md.inlinePatterns.register(Single(SINGLE, md), "lensdoc_reference", _AFTER_LINKS - 0.5)
    md.treeprocessors.register(Numbering(md, context), "lensdoc_numbers", _AFTER_ATTRIBUTES)
    md.treeprocessors.register(References(md, context), "lensdoc_references", _AFTER_ATTRIBUTES - 0.1)
    md.treeprocessors.register(SectionNumbers(md), "lensdoc_section_numbers", _AFTER_CONTENTS)
