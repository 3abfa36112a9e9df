"""Takes what a search skips out of a page while its text is read.

Drawings, footers, references and cells of notebooks are most of its elements, and most others are the colours of code, of which
the search keeps the text alone.
"""

from __future__ import annotations

import re

_EXCLUDED = re.compile(
    r"<(lens-[a-z-]+|ol|details|section) class=\"ld[ -][^\"<]*\" data-search-exclude(?:=\"\"[^<>]*)?>.*?</\1>", re.DOTALL
)
"""Elements that lensdoc makes, and that hold no other of their name; texts and attributes in them are escaped."""
_PLACE = '<ld-excluded data-search-exclude id="ld-excluded-{}"></ld-excluded>'
_PLACED = re.compile(_PLACE.format(r"(\d+)"))
_CODE = re.compile(r"<pre><span></span><code[^<>]*>.*?</code></pre>", re.DOTALL)
"""Code as Pygments highlights it."""
_COLOURED = re.compile(r'<span class="\w+">([^<]*)</span>')
_CODE_PLACE = '<pre data-ld-code="{}">'
_CODE_PLACED = re.compile(_CODE_PLACE.format(r"(\d+)") + ".*?</pre>", re.DOTALL)


class SearchExcluded:
    """The parts of one page that are out of it, and its code with colours."""

    def __init__(self) -> None:
        """Nothing is taken out yet."""
        self._parts: list[str] = []
        self._codes: list[str] = []

    def take_out(self, html: str) -> str:
        """The page with places for these parts, and with code as text."""

        def keep(part: re.Match[str]) -> str:
            self._parts.append(part[0])
            return _PLACE.format(len(self._parts) - 1)

        def keep_code(code: re.Match[str]) -> str:
            self._codes.append(code[0])
            return _CODE_PLACE.format(len(self._codes) - 1) + _COLOURED.sub(r"\1", code[0].removeprefix("<pre>"))

        self._parts, self._codes = [], []
        return _CODE.sub(keep_code, _EXCLUDED.sub(keep, html))

    def put_back(self, html: str) -> str:
        """The page with the parts again, after whatever was done to it in between."""
        html = _put(html, _CODE_PLACED, self._codes) if self._codes else html
        return _put(html, _PLACED, self._parts) if self._parts else html


def _put(html: str, places: re.Pattern[str], parts: list[str]) -> str:
    return places.sub(lambda place: parts[int(place[1])] if int(place[1]) < len(parts) else place[0], html)
