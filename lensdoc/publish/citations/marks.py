"""Text with marks: what citeproc-py formats, without it ever being markup.

Citeproc-py builds strings and escapes only some of them. So a format is a pair of characters that no text holds (they are taken
out of all text that comes in), and the string is read into elements whose texts are text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

from markdown.util import AtomicString

ITALIC, BOLD, UNDERLINE, SUPERSCRIPT, SUBSCRIPT, CAPITALS = (chr(0xF0000 + n) for n in range(6))
NAMES, NUMBER, DOI, URL, CITE, MATH = (chr(0xF0010 + n) for n in range(6))
CLOSE = chr(0xF0020)
OTHERS = chr(0xF0021)
"""Stands for the authors that BibTeX's `and others` leaves out."""
PIECE = 0xF1000
"""The first of the characters that stand for elements given from outside."""
MARK = "[\U000f0000-\U0010ffff]"
_TAGS = {ITALIC: "i", BOLD: "b", UNDERLINE: "u", SUPERSCRIPT: "sup", SUBSCRIPT: "sub", MATH: "lens-math"}
_UNPRINTABLE = re.compile(f"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]|{MARK}")


def clean(text: str) -> str:
    """Text without control characters, overrides of its direction, and our marks."""
    return _UNPRINTABLE.sub("", text)


class Formatter:
    """What citeproc-py asks a formatter for, each a pair of marks."""

    @staticmethod
    def preformat(text: object) -> str:
        """Text as it is."""
        return str(text)

    @staticmethod
    def _pair(mark: str) -> Callable[[object], str]:
        return lambda text: f"{mark}{text}{CLOSE}"

    def __init__(self) -> None:
        self.Italic = self._pair(ITALIC)
        self.Bold = self._pair(BOLD)
        self.Underline = self._pair(UNDERLINE)
        self.Superscript = self._pair(SUPERSCRIPT)
        self.Subscript = self._pair(SUBSCRIPT)
        self.SmallCaps = self._pair(CAPITALS)
        # Two formats that have no look on a page say what a text is; a style is prepared so.
        self.Oblique = self._pair(NAMES)
        self.Light = self._pair(NUMBER)


def span(text: str, mark: str) -> tuple[int, int] | None:
    """Start and end of the first pair that begins with a mark, marks included."""
    start = text.find(mark)
    depth = 0
    for found in re.finditer(MARK, text[start:] if start >= 0 else ""):
        if found[0] == CLOSE:
            depth -= 1
        elif found[0] < CLOSE:
            depth += 1
        if depth == 0:
            return start, start + found.end()
    return None


def plain(text: str) -> str:
    """Text without its marks."""
    return re.sub(MARK, "", text)


def tidy(text: str, et_al: str, *, quotes_hold_points: bool) -> str:
    """Mend the punctuation that citeproc-py leaves where two parts meet across a format, and write `et al.` for others."""
    text = re.sub(rf"(?:,?\s+(?:\w+|&)\s+|,?\s+)?{OTHERS}", f" {et_al}", text)
    if quotes_hold_points:
        text = re.sub(rf"([.?!]?)({MARK}*)([”’])({MARK}*)([.,])", _into_quotes, text)
    text = re.sub("“([^“”]*)“([^“”]*)”([^“”]*)”", "“\\1‘\\2’\\3”", text)
    text = re.sub(rf"([.,;:?!])({MARK}+)\1", r"\1\2", text)
    text = re.sub(rf"([?!])({MARK}*[”’]?{MARK}*)\.", r"\1\2", text)
    return re.sub(r" {2,}", " ", text).strip()


def _into_quotes(found: re.Match[str]) -> str:
    end, before, quote, after, point = found.groups()
    moved = "" if end and point == "." else point
    return f"{end}{before}{moved}{quote}{after}"


def append(parent: ET.Element, text: str, special: Callable[[str, str], ET.Element], pieces: list[ET.Element]) -> None:
    """Append a marked text to an element.

    Args:
        parent: The element.
        text: The text with its marks.
        special: Makes the element for a mark that is no mere format, of the mark and the text inside.
        pieces: The elements for the characters from `PIECE` on; their content is moved.
    """
    stack, done = [parent], 0
    for mark in re.finditer(MARK, text):
        _add_text(stack[-1], text[done : mark.start()])
        done = mark.end()
        if mark[0] == CLOSE:
            stack = stack[:-1] or [parent]
        elif ord(mark[0]) >= PIECE:
            _move(pieces[ord(mark[0]) - PIECE], stack[-1])
        elif mark[0] in (NAMES, NUMBER):
            stack.append(stack[-1])
        else:
            _, end = span(text[mark.start() :], mark[0]) or (0, len(text))
            child = _format(mark[0])
            child = special(mark[0], plain(text[mark.start() : mark.start() + end])) if child is None else child
            stack[-1].append(child)
            stack.append(child)
    _add_text(stack[-1], text[done:])


def _format(mark: str) -> ET.Element | None:
    if mark == CAPITALS:
        return ET.Element("span", {"class": "ld-caps"})
    return ET.Element(_TAGS[mark]) if mark in _TAGS else None


def _add_text(element: ET.Element, text: str) -> None:
    if not text:
        return
    if len(element):
        element[-1].tail = AtomicString((element[-1].tail or "") + text)
    else:
        element.text = AtomicString((element.text or "") + text)


def _move(piece: ET.Element, parent: ET.Element) -> None:
    _add_text(parent, piece.text or "")
    for child in piece:
        parent.append(child)
