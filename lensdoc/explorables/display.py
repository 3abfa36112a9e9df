"""How a token is shown: white space as visible glyphs, bytes in hexadecimal, control characters named, the rest as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import regex

from lensdoc.explorables.characters import Pieces, is_right_to_left, joined, pieces
from lensdoc.explorables.elements import Content, Element, element
from lensdoc.explorables.shared import NAMES, SIZES, said
from lensdoc.records.tokens import Token

NEW_LINE = "⏎"
TAB = "⇥"
SPACE = "␣"
EMPTY = "∅"
_GOES_ON, _JOINED_ON = "·", "ـ"
"""Marks of a token that goes on with a character of an earlier one; the second one keeps Arabic letters joined."""
_STRETCH: str = SIZES["token"]["stretch"] * "ـ"
"""The stroke that Arabic stretches a word by: room for a label below a token whose letters are joined with the next one's."""
_ISOLATE, _ISOLATED = "\u2068", "\u2069"
"""Around text from right to left in a line of ours, which would else be put in another order."""
_SHAPED = regex.compile(
    r"""(?x)
    (?:\p{Lo}[\p{M}--[\ufe00-\ufe0f\U000e0100-\U000e01ef]]*[\u200c\u200d]?)+         # letters of scripts without capitals
    |[\p{Emoji}--[0-9]](?:\ufe0f|\p{Emoji_Modifier})?(?:\u200d\p{Emoji}(?:\ufe0f|\p{Emoji_Modifier})?)*
    |\p{Regional_Indicator}{2}|\U0001f3f4[\U000e0030-\U000e007a]{2,6}\U000e007f      # flags
    |[0-9\#*]\ufe0f?\u20e3                                                            # keys
    """,
    regex.V1,
)
"""Characters of several code points that are shown as they stand, with the joiners and selectors that they need."""
_END_SPACE = regex.compile("^ | $")
LONGEST: int = SIZES["token"]["longest"]
"""Characters of a token that are shown."""
_UNBROKEN: int = SIZES["token"]["unbroken"]
"""Characters of a token that are never parted by the end of a line."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that show nothing."""
_UNSEEN = regex.compile(r"[\p{Z}\p{Cc}\p{Cf}\p{Cs}\u115f\u1160\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""What no reader sees: controls, formats, separators, surrogates, variation selectors, blank letters."""


def token_element(tokens: Sequence[Token], position: int, attributes: Mapping[str, str]) -> Element:
    """The element of a token of a text, with the attributes of its kind of figure.

    A character that several tokens write stands at the first of them, and a mark that it goes on at the others. What is read out
    where that is not the element's text is its `data-said`. Line breaks at its end stand behind it, where `ending` is put: a box
    of two lines would have no end for its padding and its bar.
    """
    token, found = tokens[position], pieces(tokens)[position]
    before, after = position > 0 and joined(tokens, position - 1), joined(tokens, position)
    content = _in_one_line(_content(found, marked=True))
    marks = {
        "ld-long": len(token.text) > _UNBROKEN,
        "ld-white": bool(token.text) and not token.text.strip(" "),
        "ld-narrow": not (before or after) and len(_line(content).strip()) == 1,
        "ld-joined": before,
        "ld-joins": after,
    }
    classes = ["ld-token", *(name for name, holds in marks.items() if holds)]
    more = {"data-said": quoted(tokens, position)} if _needs_words(token, found) else {}
    more |= {"title": _part_in_words(found)} if _is_part(found) else {}
    stretch = [element("span", {"class": "ld-stretch", "aria-hidden": "true"}, _STRETCH)] if after else []
    return element("span", {"class": " ".join(classes), **attributes, **more}, *content, *stretch)


def ending(token: Token) -> str:
    """The line breaks at the end of a token."""
    return "\n" * (len(token.text) - len(token.text.rstrip("\n")))


def _in_one_line(content: list[Content]) -> list[Content]:
    """Without the line breaks that end it, each of which follows its mark."""
    end = len(content)
    while end and content[end - 1] == "\n":
        end -= 2
    return content[:end] + content[end::2]


_BOX = "margin-inline: 0.2em; outline: 1px dashed; outline-offset: 1px"


def word_element(tokens: Sequence[Token], position: int, *, filled: bool = False) -> Element:
    """A token of a text that stands alone, as the head of a column: a character that it writes a part of is shown whole.

    One that a model filled into a mask stands in a box, and one of a single character stays upright where heads run upwards.
    """
    token, found = tokens[position], pieces(tokens)[position]
    content = _content(found, marked=False)
    part = [_glyph(f"{piece.number}/{piece.count}", "ld-bytes") for piece in found if piece.count > 1]
    said = quoted(tokens, position) if _needs_words(token, found) else None
    box = {"data-filled": "", "title": "a mask that the model filled", "style": _BOX} if filled else {}
    kind = "ld-word ld-upright" if len(_line(content).strip()) == 1 and not part else "ld-word"
    return element("span", {"class": kind, "data-said": said, **box}, *content, *part)


def token_content(token: Token) -> list[Content]:
    """The content of the element of a token without its text around it.

    Glyphs stand in elements of class `ld-glyph`, which are not copied with the text; a new line is followed by a real one.
    """
    return _content(pieces((token,))[0], marked=False)


def plain(token: Token) -> str:
    """The token as one line of text, for summaries and tables; see `quoted` for one of a text."""
    return _line(token_content(token))


def quoted(tokens: Sequence[Token], position: int) -> str:
    """A token of a text in words: its text in quotation marks, never parted from them, and what part of a character it is."""
    found = pieces(tokens)[position]
    text = _END_SPACE.sub("\N{NO-BREAK SPACE}", _line(_content(found, marked=False)))
    isolated = f"{_ISOLATE}{text}{_ISOLATED}" if is_right_to_left(text) else text
    part = _part_in_words(found)
    return f"‘{isolated}’ ({part})" if part else f"‘{isolated}’"


def line(tokens: Sequence[Token], part: slice = slice(None)) -> str:
    """Tokens of a text, or a part of them, as one line, each character once: where it begins."""
    begun = (tuple(piece for piece in found if piece.begins) for found in pieces(tokens)[part])
    return "".join(_line(_content(found, marked=False)) for found in begun if found)


def word(tokens: Sequence[Token], position: int) -> str:
    """A token of a text as one line; a character that it writes a part of is whole."""
    return _line(_content(pieces(tokens)[position], marked=False))


def visible(text: str) -> str:
    """Text as one line in which no character is invisible, for values in prose; spaces alone are shown as marks."""
    if text and not text.strip(" "):
        return SPACE * len(text)
    return "".join(character if _shows(character) or character == " " else _named(character) for character in text)


def _content(found: Pieces, *, marked: bool) -> list[Content]:
    """What a token shows; `marked` shows a character at the first token alone that writes it, and marks at the others."""
    if not found:
        return [_glyph(EMPTY)]
    only_white = all(piece.text == " " for piece in found)
    content: list[Content] = []
    for piece in found[:LONGEST]:
        if not piece.text:
            content.append(_glyph(_hexadecimal(piece.raw), "ld-bytes"))
        elif marked and not piece.begins:
            content.append(_glyph(_JOINED_ON if piece.joined else _GOES_ON, "ld-on"))
        else:
            content += _characters(piece.text, show_spaces=only_white)
    return [*content, *(["…"] if len(found) > LONGEST else [])]


def _line(content: Iterable[Content]) -> str:
    return "".join(part if isinstance(part, str) else part.text or "" for part in content).replace("\n", "")


def _is_part(found: Pieces) -> bool:
    return any(piece.count > 1 for piece in found)


def _needs_words(token: Token, found: Pieces) -> bool:
    return token.bytes is not None or _is_part(found) or is_right_to_left(token.text)


def _part_in_words(found: Pieces) -> str:
    """Which bytes of which characters a token is; nothing for a token of whole characters."""
    parts = [piece for piece in found if piece.count > 1]
    if not parts:
        return "" if all(piece.text for piece in found) else said("part.whole")
    several = len(found) > 1
    names = (
        said("part.which", number=piece.number, count=piece.count)
        + (said("part.of", name=_name_of(piece.text)) if several else "")
        for piece in parts
    )
    return said("part.one", bytes=_hexadecimal(b"".join(piece.raw for piece in found)), parts=", ".join(names))


def _name_of(text: str) -> str:
    shown = _line(_characters(text, show_spaces=True))
    return f"{_ISOLATE}{shown}{_ISOLATED}" if is_right_to_left(shown) else shown


def _hexadecimal(raw: bytes) -> str:
    return raw.hex(" ").upper()


def _characters(text: str, *, show_spaces: bool) -> Iterator[Content]:
    """A character: one code point, or several of which those stay that join or choose shapes where scripts need them."""
    if len(text) > 1 and _SHAPED.fullmatch(text) and _BLANK.isdisjoint(text):
        yield text
        return
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
    """Whether a reader sees the character."""
    return _UNSEEN.match(character) is None


def _named(character: str) -> str:
    return {"\n": NEW_LINE, "\t": TAB}.get(character) or _name(character)


def _name(character: str) -> str:
    """Code point of an invisible character, with its name where Unicode has a short one."""
    code = f"{ord(character):04X}"
    return f"U+{code} {NAMES[code]}" if code in NAMES else f"U+{code}"


def _glyph(text: str, *more: str) -> Content:
    return element("span", {"class": " ".join(("ld-glyph", *more))}, text)
