"""The opening band of a page above the columns of the theme Material, or of one that is built like it."""

from __future__ import annotations

_BAND = '<div class="ld-hero">'
_LIFTED = '<div class="ld-hero md-typeset">'
_MAIN = '<div class="md-main__inner md-grid"'


def lift_hero(html: str) -> str:
    """The page with its opening band above the columns of text and contents, so that it spans the page and nothing lies on it.

    One that has such a band already stays as it is.
    """
    start, main = html.find(_BAND), html.find(_MAIN)
    if _LIFTED in html or not 0 <= main < start:
        return html
    end = _end_of_div(html, start)
    band = html[start:end].replace(_BAND, _LIFTED, 1)
    band = band.replace('<div class="ld-hero-inner">', '<div class="ld-hero-inner md-grid">', 1)
    return html[:main] + band + html[main:start] + html[end:]


def _end_of_div(html: str, start: int) -> int:
    """Where the element that begins at `start` ends. Attributes hold no bare `<`: every part of the band was serialized."""
    depth, at = 0, start
    while True:
        opened, closed = html.find("<div", at + 1), html.find("</div>", at + 1)
        if closed < 0:
            return len(html)
        if 0 <= opened < closed:
            depth, at = depth + 1, opened
        elif depth:
            depth, at = depth - 1, closed
        else:
            return closed + len("</div>")
