"""The tags of rendered HTML, as a browser tells them from text: attributes, comments and scripts may hold what looks like a tag.

Pages are changed in few places and stay byte for byte as the engine wrote them everywhere else. A parser that writes the whole
page anew would also change entities and the case of SVG attributes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape, unescape

_TOKEN = re.compile(
    r"""<!--.*?(?:-->|\Z)
    |<(?P<closes>/?)(?P<name>[a-zA-Z][^\s/>]*+)
     (?P<attributes>(?:=\s*+(?:"[^"]*+"|'[^']*+')|[^>])*+)>""",
    re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")
_TEXT_ONLY = {"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"}
"""Elements whose content is text up to their end tag, whatever it looks like."""


@dataclass(frozen=True)
class Tag:
    """A begin or end tag."""

    name: str
    closes: bool
    start: int
    """Where it begins in the page."""
    end: int
    """Where the text behind it begins."""
    written: str
    """Its attributes as they are written."""

    @cached_property
    def attributes(self) -> dict[str, str]:
        """Names in small letters and values without entities; of two with one name the first counts."""
        found: dict[str, str] = {}
        for name, *values in _ATTRIBUTE.findall(self.written):
            found.setdefault(name.lower(), unescape("".join(values)))
        return found

    def with_attribute(self, name: str, value: str) -> str:
        """The begin tag with another value of an attribute that it has."""
        found = next(one for one in _ATTRIBUTE.finditer(self.written) if one[1].lower() == name)
        attributes = f'{self.written[: found.start()]}{name}="{escape(value)}"{self.written[found.end() :]}'
        return f"<{self.name}{attributes}>"

    @property
    def classes(self) -> list[str]:
        """Its classes."""
        return self.attributes.get("class", "").split()


def tags(html: str, start: int = 0, names: Collection[str] = ()) -> Iterator[Tag]:
    """The tags of a page from a place on; none inside comments, and none inside scripts, styles and the like.

    Args:
        html: The page.
        start: Where to begin.
        names: Elements that are asked for, which is several times as fast; none for all.
    """
    while found := _TOKEN.search(html, start):
        start = found.end()
        if found["name"] is None:
            continue
        name, closes = found["name"].lower(), bool(found["closes"])
        if not names or name in names:
            yield Tag(name, closes, found.start(), start, found["attributes"])
        if name in _TEXT_ONLY and not closes:
            end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(html, start)
            start = end.start() if end else len(html)


def end_of_element(html: str, begin: Tag) -> int | None:
    """Where the element ends that a tag begins, behind its end tag; None where it has none."""
    depth = 0
    for tag in tags(html, begin.start, (begin.name,)):
        depth += -1 if tag.closes else 1
        if not depth:
            return tag.end
    return None
