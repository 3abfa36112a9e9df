"""The opening band of a page above the columns of the theme Material, or of one that is built like it."""

from __future__ import annotations

import re

from lensdoc.publish.layout.opening import MISPLACED

_BAND = re.compile(rf'<div class="ld-hero(?![^"<>]* {MISPLACED})(?P<more>(?: [^"<>]*)?)"')
_LIFTED = '<div class="ld-hero md-typeset'
_MAIN = '<div class="md-main__inner md-grid"'
_TEXT = r"""(?:[^<>"']|"[^"]*"|'[^']*')*"""
_TAG = re.compile(rf"<!--.*?-->|<(?P<closes>/?)div\b{_TEXT}>|</?[a-zA-Z]{_TEXT}>", re.DOTALL)
"""Comments and attributes may hold what looks like a tag."""


def lift_hero(html: str) -> str:
    """The page with its opening band above the columns of text and contents, so that it spans the page and nothing lies on it.

    One that has such a band already stays as it is.
    """
    main = html.find(_MAIN)
    found = _BAND.search(html, main) if main >= 0 and _LIFTED not in html else None
    if not found:
        return html
    end = _end_of_div(html, found.start())
    band = f'{_LIFTED}{found["more"]}"{html[found.end() : end]}'
    band = band.replace('<div class="ld-hero-inner">', '<div class="ld-hero-inner md-grid">', 1)
    return html[:main] + band + html[main : found.start()] + html[end:]


def _end_of_div(html: str, start: int) -> int:
    """Where the element that begins at `start` ends."""
    depth = 0
    for tag in _TAG.finditer(html, start):
        if tag["closes"] is not None:
            depth += -1 if tag["closes"] else 1
            if depth == 0:
                return tag.end()
    return len(html)
