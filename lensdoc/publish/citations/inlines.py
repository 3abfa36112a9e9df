"""Texts as pandoc has them, and the elements of a page that they become.

What comes out of pandoc is from bibliographies and styles, so only what is listed here becomes an element. Anything else, raw
HTML and TeX above all, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from markdown.util import AtomicString

from lensdoc.publish.citations.entries import address

Inline = dict[str, Any]
"""An inline element of pandoc: `{"t": "Str", "c": "text"}`."""
PIECE = "ld-piece"
"""Class of what stands for an element of the page."""
LABEL = "csl-left-margin"
"""Class of the number or label before a reference."""
_TAGS = {"Emph": "i", "Strong": "b", "Underline": "u", "Superscript": "sup", "Subscript": "sub"}
_TRANSPARENT = {"Strikeout", "Cite", "Image"}
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\U000f0000-\U0010ffff]")
_STASHED = re.compile("(\x02[^\x02\x03]*\x03)")
"""What Python-Markdown has put away."""
_BLOCKS = {"csl-block", "csl-indent"}
_ENDS = re.compile(r"(?<=[^:/]/)(?=[^/])|(?<=_)|(?<=\.)(?=[a-z])|(?=[?&#%~])")
"""Where a line of an address may end, besides after a hyphen, where browsers end it: between parts, and never within a number."""


def clean(text: str) -> str:
    """Text without control characters, overrides of its direction, and private characters."""
    return _UNPRINTABLE.sub("", text)


def words(text: str) -> list[Inline]:
    """A text as inline elements."""
    parts = re.split(r"([ \t\n]+)", text)
    return [{"t": "Space"} if part.isspace() else {"t": "Str", "c": part} for part in parts if part]


def inside(inline: Inline) -> list[Inline]:
    """The inline elements in one; those of a note are all that its paragraphs hold."""
    kind, content = inline["t"], inline.get("c")
    if kind in _TAGS or kind in {"Strikeout", "SmallCaps", "Plain", "Para"}:
        return list(content or ())
    if kind in {"Link", "Span", "Quoted", "Cite", "Image"}:
        return list((content or [[], []])[1])
    if kind == "Note":
        return [part for block in content or () for part in inside(block)]
    return []


def text_of(inlines: Sequence[Inline]) -> str:
    """The text of inline elements."""
    return clean("".join(_text(inline) for inline in inlines))


def _text(inline: Inline) -> str:
    kind = inline["t"]
    if kind == "Str":
        return str(inline["c"])
    if kind in {"Space", "SoftBreak", "LineBreak"}:
        return " "
    if kind in {"Code", "Math"}:
        return str(inline["c"][1])
    return text_of(inside(inline))


def pieces_of(element: ET.Element, pieces: list[ET.Element]) -> list[Inline]:
    """What an element of the page holds, as inline elements; what is no text is kept in `pieces`, and its place is marked."""
    return [inline for part in _parts(element) for inline in (words(part) if isinstance(part, str) else _piece(part, pieces))]


def _parts(element: ET.Element) -> Iterator[str | ET.Element]:
    texts: list[str | ET.Element] = [element.text or ""]
    for child in element:
        texts += [child, child.tail or ""]
    for part in texts:
        if isinstance(part, ET.Element):
            yield part
            continue
        for n, text in enumerate(_STASHED.split(part)):
            if n % 2:
                stashed = ET.Element("span")
                stashed.text = text
                yield stashed
            elif text:
                yield text


def _piece(element: ET.Element, pieces: list[ET.Element]) -> list[Inline]:
    pieces.append(element)
    shown = _STASHED.sub("", "".join(element.itertext())).strip() or "x"
    return [{"t": "Span", "c": [["", [PIECE], [["n", str(len(pieces) - 1)]]], words(shown)]}]


class Elements:
    """Appends inline elements of pandoc to elements of a page."""

    def __init__(self, link: Callable[[str], ET.Element | None], pieces: Sequence[ET.Element] = ()) -> None:
        """Args:
        link: Makes the element that leads to a reference, of its identifier; None where there is none.
        pieces: Elements of the page, which are put where their places are marked.
        """  # noqa: D205
        self.link = link
        self.pieces = pieces

    def append(self, parent: ET.Element, inlines: Sequence[Inline], *, linked: bool = False) -> None:
        """Append inline elements.

        Args:
            parent: The element of the page that receives them.
            inlines: What pandoc wrote.
            linked: Whether they are in a link, where no other can stand.
        """
        for inline in inlines:
            self._append(parent, inline, linked=linked)

    def _append(self, parent: ET.Element, inline: Inline, *, linked: bool) -> None:
        kind = inline["t"]
        if kind in _SHOWN:
            _SHOWN[kind](parent, inline)
        elif kind in _TAGS:
            self.append(ET.SubElement(parent, _TAGS[kind]), inside(inline), linked=linked)
        elif kind == "SmallCaps":
            self.append(ET.SubElement(parent, "span", {"class": "ld-caps"}), inside(inline), linked=linked)
        elif kind == "Quoted":
            marks = "“”" if inline["c"][0]["t"] == "DoubleQuote" else "‘’"
            add_text(parent, marks[0])
            self.append(parent, inside(inline), linked=linked)
            add_text(parent, marks[1])
        elif kind == "Link":
            self._append_link(parent, inline, linked=linked)
        elif kind == "Span":
            self._append_span(parent, inline, linked=linked)
        elif kind in _TRANSPARENT:
            self.append(parent, inside(inline), linked=linked)

    def _append_link(self, parent: ET.Element, inline: Inline, *, linked: bool) -> None:
        target = str(inline["c"][2][0])
        content = inside(inline)
        if linked:
            made = None
        elif target.startswith("#ref-"):
            made = self.link(target.removeprefix("#ref-"))
        elif leads := address(target):
            made = ET.Element("a", {"href": leads})
        else:
            made = None
        if made is not None:
            parent.append(made)
        self.append(parent if made is None else made, content, linked=linked or made is not None)
        if made is not None and made.text and made.text[:-1] == target and made.text[-1] in ".,;":
            made.text, made.tail = AtomicString(made.text[:-1]), AtomicString(made.text[-1])
        if made is not None and not len(made):
            _divide(made)

    def _append_span(self, parent: ET.Element, inline: Inline, *, linked: bool) -> None:
        _, classes, attributes = inline["c"][0]
        number = dict(attributes).get("n", "")
        if PIECE in classes and number.isascii() and number.isdigit() and int(number) < len(self.pieces):
            piece = self.pieces[int(number)]
            if piece.tag == "span" and not piece.attrib and not len(piece):
                add_text(parent, piece.text or "")
            else:
                piece.tail = None
                parent.append(piece)
            return
        if _BLOCKS.intersection(classes):
            add_text(parent, " ")
        self.append(parent, inside(inline), linked=linked)


def add_text(element: ET.Element, text: str) -> None:
    """Append a text that Markdown leaves alone."""
    if not text:
        return
    if len(element):
        element[-1].tail = AtomicString((element[-1].tail or "") + text)
    else:
        element.text = AtomicString((element.text or "") + text)


def _divide(link: ET.Element) -> None:
    """Mark where lines of an address may end, which browsers know of hyphens only."""
    text = link.text or ""
    first, *parts = _ENDS.split(text) if "/" in text and " " not in text else [text]
    link.text = AtomicString(first)
    for part in parts:
        ET.SubElement(link, "wbr").tail = AtomicString(part)


def _add_formula(element: ET.Element, formula: Inline) -> None:
    tex = clean(" ".join(str(formula["c"][1]).split()))
    ET.SubElement(element, "lens-math").text = AtomicString(rf"\({tex}\)")


def _add_space(element: ET.Element, space: Inline) -> None:
    del space
    add_text(element, " ")


_SHOWN: dict[str, Callable[[ET.Element, Inline], None]] = {
    "Str": lambda element, inline: add_text(element, clean(str(inline["c"]))),
    "Code": lambda element, inline: add_text(element, clean(str(inline["c"][1]))),
    "Math": _add_formula,
    "Space": _add_space,
    "SoftBreak": _add_space,
    "LineBreak": _add_space,
}
"""How inline elements without others in them are shown."""
