"""Takes what a search skips out of a page while its text is read: drawings, footers and references are most of its elements."""

from __future__ import annotations

import re

_EXCLUDED = re.compile(r"<(lens-[a-z-]+|ol|details) class=\"ld[ -][^\"<]*\" data-search-exclude=\"\"[^<>]*>.*?</\1>", re.DOTALL)
"""Elements that lensdoc makes, and that hold no other of their name; texts and attributes in them are escaped."""
_PLACE = '<ld-excluded data-search-exclude id="ld-excluded-{}"></ld-excluded>'
_PLACED = re.compile(_PLACE.format(r"(\d+)"))


class SearchExcluded:
    """The parts of one page that are out of it."""

    def __init__(self) -> None:
        """Nothing is taken out yet."""
        self._parts: list[str] = []

    def take_out(self, html: str) -> str:
        """The page with places for these parts."""

        def keep(part: re.Match[str]) -> str:
            self._parts.append(part[0])
            return _PLACE.format(len(self._parts) - 1)

        self._parts = []
        return _EXCLUDED.sub(keep, html)

    def put_back(self, html: str) -> str:
        """The page with the parts again, after whatever was done to it in between."""
        return _PLACED.sub(lambda place: self._parts[int(place[1])] if int(place[1]) < len(self._parts) else place[0], html)
