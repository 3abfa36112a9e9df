"""The words of a section's title and of a caption, as a reader of another page sees them: read from the tree of the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import unescape
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.util import ETX, HTML_PLACEHOLDER_RE, STX

from lensdoc.publish.citations.syntax import KEYS
from lensdoc.publish.syntax.grammar import MATH, REFERENCE_CLASS, REFERENCES_CLASS

Cite = Callable[[str], tuple[str, str]]
"""Names the authors and the year of a work by its key."""
FORMULA = "\n"
"""Stands before and behind each formula of a preview; the rest is on one line."""
_TEX, _REFERENCE, _CITATION, _END = "\x04", "\x05", "\x06", "\x07"
"""Begin what is no text yet, and end it; control characters, which no page holds."""
_NO_MARKS = dict.fromkeys(map(ord, (_TEX, _REFERENCE, _CITATION, _END)))
_MARKED = {kind: re.compile(f"{kind}([^{_END}]*){_END}") for kind in (_TEX, _REFERENCE, _CITATION)}
_ESCAPED = re.compile(rf"{STX}(\d+){ETX}")
_TAG = re.compile(r"<!--.*?-->|<[^<>]*>", re.DOTALL)
_PREVIEW_CHARACTERS = 240
"""Characters of a caption that a preview shows; formulas are not counted."""
_FOOTER = "ld-about"
"""Class of the footer of a figure, which follows its caption."""
_SILENT = {"svg", "details"}


def title_of(heading: ET.Element, md: Markdown) -> str:
    """The words of a heading, formulas as their TeX, without citations and references.

    Args:
        heading: The heading, when inline Markdown is read.
        md: The converter, which has put away raw HTML and escaped characters.
    """
    text = _MARKED[_TEX].sub(r"\1", _text((heading,), md))
    return " ".join(_MARKED[_CITATION].sub("", _MARKED[_REFERENCE].sub("", text)).split())


def caption_of(caption: ET.Element, md: Markdown) -> str:
    """The text of a caption, with marks in the places of formulas, references and citations.

    Args:
        caption: The `figcaption`, when inline Markdown is read; the footer that may follow the author's words is left out.
        md: The converter, which has put away raw HTML and escaped characters.
    """
    own = ET.Element("span")
    own.text = caption.text
    for child in caption:
        if _FOOTER in child.get("class", "").split():
            break
        own.append(child)
    return " ".join(_text((own,), md).split())


def with_labels(text: str, labels: Mapping[str, str]) -> str:
    """The text of a caption with the labels of what it refers to; ids of other pages stay as they are written.

    Args:
        text: What `caption_of` gives.
        labels: What stands for the ids of the page: `Figure 2`.
    """
    return _MARKED[_REFERENCE].sub(lambda found: labels.get(found[1], f"@{found[1]}"), text)


def preview(text: str, cite: Cite) -> str:
    """The beginning of a caption, with `FORMULA` around each formula, and works as a sentence names them.

    Args:
        text: What `with_labels` gives.
        cite: Names the works.
    """
    parts = re.split(f"{_TEX}([^{_END}]*){_END}", _MARKED[_CITATION].sub(lambda found: _cited(found[1], cite), text))
    kept: list[str] = []
    room = _PREVIEW_CHARACTERS
    for i, part in enumerate(parts):
        if i % 2:
            kept.append(f"{FORMULA}{part}{FORMULA}")
        elif len(part) <= room:
            kept.append(part)
            room -= len(part)
        else:
            kept.append(f"{part[:room].rpartition(' ')[0]}…")
            break
    return "".join(kept)


def _cited(keys: str, cite: Cite) -> str:
    first, *rest = keys.split()
    if first != ";":
        return " ".join([cite(first)[0], *(f"({' '.join(cite(key)).strip()})" for key in rest)])
    return f"({'; '.join(' '.join(cite(key)).strip() for key in rest)})"


def _text(elements: Iterable[ET.Element], md: Markdown) -> str:
    """The text of elements without raw HTML, which Python-Markdown keeps beside the tree."""

    def raw(found: re.Match[str]) -> str:
        written = str(md.htmlStash.rawHtmlBlocks[int(found[1])])
        return unescape(_TAG.sub(lambda tag: " " if tag[0].startswith("<br") else "", written))

    text = HTML_PLACEHOLDER_RE.sub(raw, "".join(part for element in elements for part in _parts(element)))
    return _ESCAPED.sub(lambda found: chr(int(found[1])), text)


def _parts(element: ET.Element) -> Iterator[str]:
    classes = element.get("class", "").split()
    if keys := element.get(KEYS):
        yield f"{_CITATION}{keys}{_END}"
    elif element.tag == MATH:
        yield f"{_TEX}{' '.join((element.text or '')[2:-2].split())}{_END}"
    elif REFERENCE_CLASS in classes and not element.text:
        yield f"{_REFERENCE}{element.get('href', '')[1:]}{_END}"
    elif REFERENCES_CLASS in classes:
        yield ", ".join("".join(_parts(link)) for link in element)
    elif element.tag == "br":
        yield " "
    elif element.tag == "img":
        yield element.get("alt", "")
    elif element.tag not in _SILENT and not element.get("id", "").startswith("fnref"):  # the number of a footnote
        text = (element.text or "").translate(_NO_MARKS)
        yield unescape(text) if element.tag == "code" else text
        for child in element:
            yield from _parts(child)
            yield (child.tail or "").translate(_NO_MARKS)
