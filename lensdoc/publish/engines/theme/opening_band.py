"""The opening band of a page above the columns of the theme Material, or of one that is built like it."""

from __future__ import annotations

from lensdoc.publish.layout.opening import MISPLACED
from lensdoc.publish.markup.tags import Tag, end_of_element, tags

_HERO = "ld-hero"
_LIFTED = '<div class="ld-hero md-typeset'
_MAIN = '<div class="md-main__inner md-grid"'
LINE = '<div style="position:absolute;margin-top:1.5rem"></div>'
"""Stands where the columns of a page without a band do. By how far the first element below the header is from it the theme tells
which section is read: without this one, the contents marked the section before the one that they led to.
"""


def lift_hero(html: str) -> str:
    """The page with its opening band above the columns of text and contents, so that it spans the page and nothing lies on it.

    One that has such a band already stays as it is.
    """
    main = html.find(_MAIN)
    if main < 0 or _HERO not in html[main:] or _LIFTED in html:
        return html
    begin = next((tag for tag in tags(html, main, ("div",)) if _is_hero(tag)), None)
    if begin is None:
        return html
    end = end_of_element(html, begin) or len(html)
    written = begin.with_attribute("class", " ".join([_HERO, "md-typeset", *begin.classes[1:]]))
    band = written + html[begin.end : end].replace('<div class="ld-hero-inner">', '<div class="ld-hero-inner md-grid">', 1)
    return html[:main] + LINE + band + html[main : begin.start] + html[end:]


def _is_hero(tag: Tag) -> bool:
    return tag.classes[:1] == [_HERO] and MISPLACED not in tag.classes


def lifted(html: str) -> str:
    """The band of a page that has it above its columns; nothing where it has none there."""
    at = html.find(_LIFTED)
    begin = next(tags(html, at), None) if at >= 0 else None
    end = end_of_element(html, begin) if begin else None
    return html[begin.start : end] if begin and end else ""
