"""The mark that the theme's script puts on a page while it sets its colours: that nothing fades from one to the other."""

from __future__ import annotations

_MARK = "data-md-color-switching"
_BODY = "<body "
_SWITCH = 'data-md-component="palette"'


def mark_switching(html: str) -> str:
    """The page with the mark from its first byte, where there is a switch of colours: its script takes it off.

    Put there by the script, it would have the style of the whole page computed once more while the page loads.
    """
    start = html.find(_BODY)
    if start < 0 or _SWITCH not in html or _MARK in html:
        return html
    return f'{html[:start]}{_BODY}{_MARK}="" {html[start + len(_BODY) :]}'
