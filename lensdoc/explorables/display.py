"""How a token is shown: white space as visible glyphs, bytes in hexadecimal, control characters named, the rest as it stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from lensdoc.explorables.elements import Content, Element, element
from lensdoc.records.tokens import Token

NEW_LINE = "⏎"
TAB = "⇥"
SPACE = "␣"
EMPTY = "∅"
LONGEST = 200
"""Characters of a token that are shown."""
_UNBROKEN = 24
"""Characters of a token that are never parted by the end of a line."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that show nothing."""


def token_element(token: Token, attributes: Mapping[str, str]) -> Element:
    """The element of a token, with the attributes of its kind of figure."""
    classes = ["ld-token", *(["ld-long"] if len(token.text) > _UNBROKEN else []), *(["ld-break"] if "\n" in token.text else [])]
    return element("span", {"class": " ".join(classes), **attributes}, *token_content(token))


def token_content(token: Token) -> list[Content]:
    """The content of a token's element.

    Glyphs stand in elements of class `ld-glyph`, which are not copied with the text; a new line is followed by a real one.
    """
    if token.bytes is not None:
        return [_glyph(" ".join(re.findall("..", token.bytes.upper())), "ld-bytes")]
    text = token.text[:LONGEST] + ("…" if len(token.text) > LONGEST else "")
    if not text:
        return [_glyph(EMPTY)]
    only_white = not text.strip(" ")
    return list(_pieces(text, show_spaces=only_white))


def plain(token: Token) -> str:
    """The token as one line of text, for summaries and tables."""
    parts = (part if isinstance(part, str) else part.text or "" for part in token_content(token))
    return "".join(parts).replace("\n", "")


def visible(text: str) -> str:
    """Text as one line in which no character is invisible, for values in prose."""
    return "".join(character if _shows(character) or character == " " else _named(character) for character in text)


def _pieces(text: str, *, show_spaces: bool) -> Iterator[Content]:
    for character in text:
        if character in "\n\t":
            yield from (_glyph(_named(character)), character)
        elif character == " ":
            yield _glyph(SPACE) if show_spaces else character
        elif _shows(character):
            yield character
        else:
            yield _glyph(_named(character), "ld-bytes")


def _shows(character: str) -> bool:
    """Whether a reader sees the character: no control, format, separator or surrogate, no variation selector, no blank letter."""
    category = unicodedata.category(character)
    selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return not (category[0] == "Z" or category in {"Cc", "Cf", "Cs"} or selector or character in _BLANK)


def _named(character: str) -> str:
    return {"\n": NEW_LINE, "\t": TAB}.get(character) or _name(character)


def _name(character: str) -> str:
    """Code point of an invisible character, with its name where Unicode has a short one."""
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    return code if not name or len(name) > 25 else f"{code} {name.lower()}"  # noqa: PLR2004 - what fits a line


def _glyph(text: str, *more: str) -> Content:
    return element("span", {"class": " ".join(("ld-glyph", *more))}, text)
