"""The title of a section as a reader sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.util import ETX, HTML_PLACEHOLDER_RE, STX

from lensdoc.publish.syntax.grammar import MATH

_ESCAPED = re.compile(rf"{STX}(\d+){ETX}")
_TAG = re.compile(r"<!--.*?-->|<[^<>]*>", re.DOTALL)


def title_of(heading: ET.Element, md: Markdown) -> str:
    """The words of a heading, formulas as their TeX; raw HTML and escaped characters are put away in the tree."""

    def raw(found: re.Match[str]) -> str:
        return unescape(
            _TAG.sub(lambda tag: " " if tag[0].startswith("<br") else "", str(md.htmlStash.rawHtmlBlocks[int(found[1])]))
        )

    text = HTML_PLACEHOLDER_RE.sub(raw, "".join(_texts(heading)))
    return " ".join(_ESCAPED.sub(lambda found: chr(int(found[1])), text).split())


def _texts(element: ET.Element) -> Iterator[str]:
    text = element.text or ""
    yield text[2:-2] if element.tag == MATH else unescape(text) if element.tag == "code" else text
    for child in element:
        if not child.get("id", "").startswith("fnref"):  # the number of a footnote
            yield from _texts(child)
        yield child.tail or ""
