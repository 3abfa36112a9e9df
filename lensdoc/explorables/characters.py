"""What the tokens of a text show of its characters, of which several tokens may write one together.

A character, as readers see it, is an extended grapheme cluster (Unicode Annex 29): a letter with its marks, or an emoji of
several code points. In byte-level vocabularies a token may be a part of one, down to single bytes of its UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import regex

from lensdoc.explorables.shared import SIZES
from lensdoc.records.tokens import Token

_CLUSTER = regex.compile(r"\X")
_STRONG = regex.compile(r"[\p{bc=L}\p{bc=R}\p{bc=AL}]")
_RIGHT = regex.compile(r"[\p{bc=R}\p{bc=AL}]")
_JOINS = regex.compile(r"\p{jt=D}\p{jt=T}*$")
_JOINED = regex.compile(r"\p{jt=T}*[\p{jt=D}\p{jt=R}]")
_MOST: int = SIZES["token"]["bytes"]
"""Bytes of a token that are looked at: more than any figure shows."""
_KEPT = 16
"""Texts of which is remembered what they show: a figure asks for the same one again and again."""


@dataclass(frozen=True)
class Piece:
    """A character, or bytes that are of none, of which a token writes at least a part."""

    text: str
    """The whole character, whoever writes the rest of it; nothing where the bytes are of none."""
    raw: bytes
    """The token's own bytes of it."""
    number: int = 1
    """Which of the tokens that write it this one is."""
    count: int = 1
    joined: bool = False
    """Whether its letter is joined with the next one, so that a mark behind it must not part them."""

    @property
    def begins(self) -> bool:
        """Whether the character is shown here, and not at an earlier token."""
        return self.number == 1


Pieces = tuple[Piece, ...]
_remembered: dict[int, tuple[Sequence[Token], list[Pieces]]] = {}


def pieces(tokens: Sequence[Token]) -> list[Pieces]:
    """Of each token the characters that it writes, in order."""
    known = _remembered.get(id(tokens))
    if known and known[0] is tokens:
        return known[1]
    found = [piece for stretch in _stretches(tokens) for piece in _pieces([raw_bytes(token)[:_MOST] for token in stretch])]
    while len(_remembered) >= _KEPT:
        del _remembered[next(iter(_remembered))]
    _remembered[id(tokens)] = tokens, found
    return found


def raw_bytes(token: Token) -> bytes:
    """The bytes of a token in UTF-8."""
    return token.text.encode(errors="surrogatepass") if token.bytes is None else bytes.fromhex(token.bytes)


def groups(tokens: Sequence[Token]) -> list[range]:
    """Stretches of tokens that share characters with their neighbours; of most texts there are none."""
    found = pieces(tokens)
    opens = [position for position in range(len(tokens)) if _goes_on(found[position])]
    stretches: list[range] = []
    for position in opens:
        if stretches and stretches[-1].stop == position + 1:
            stretches[-1] = range(stretches[-1].start, position + 2)
        else:
            stretches.append(range(position, position + 2))
    return stretches


def joined(tokens: Sequence[Token], position: int) -> bool:
    """Whether the letters of two neighbours are joined, the token at this position and the next one: in Arabic and its like."""
    if position + 1 >= len(tokens) or tokens[position].kind != tokens[position + 1].kind:
        return False
    found = pieces(tokens)
    here, after = found[position], found[position + 1]
    if not here or not after:
        return False
    if not after[0].begins:
        return after[0].joined
    return bool(_JOINS.search(here[-1].text) and _JOINED.match(after[0].text))


def direction(tokens: Sequence[Token]) -> str:
    """Direction of a text, `ltr` or `rtl`: that of its first letter which has one. What a chat template writes has no say."""
    shown = (some for token, some in zip(tokens, pieces(tokens), strict=True) if token.kind != "template")
    text = "".join(piece.text for some in shown for piece in some)
    found = _STRONG.search(text)
    return "rtl" if found and is_right_to_left(found[0]) else "ltr"


def is_right_to_left(text: str) -> bool:
    """Whether a letter of the text is written from right to left."""
    return _RIGHT.search(text) is not None


def _goes_on(found: Pieces) -> bool:
    return bool(found) and found[-1].number < found[-1].count


def _stretches(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Parts of the tokens that may share characters: not a template and a message, not an output and the next text."""
    starts = [
        position
        for position in range(1, len(tokens))
        for before, here in ((tokens[position - 1].kind, tokens[position].kind),)
        if before != here and (before, here) != ("input", "output")
    ]
    for first, last in pairwise((0, *starts, len(tokens))):
        yield tokens[first:last]


def _pieces(raws: Sequence[bytes]) -> list[Pieces]:
    text = b"".join(raws).decode(errors="surrogateescape")
    ends = list(accumulate(map(len, raws), initial=0))
    found: list[list[Piece]] = [[] for _ in raws]
    token, place = 0, 0
    for cluster in _CLUSTER.finditer(text):
        for part in _parted(cluster[0]):
            size = len(part.encode(errors="surrogateescape"))
            while ends[token + 1] <= place:
                token += 1
            last = token
            while ends[last + 1] < place + size:
                last += 1
            joined = last > token and bool(_JOINS.search(part) and _JOINED.match(text, cluster.end()))
            whole = "" if "\udc80" <= part[0] <= "\udcff" else part
            for number, writer in enumerate(range(token, last + 1), 1):
                own = slice(max(place, ends[writer]), min(place + size, ends[writer + 1]))
                raw = part.encode(errors="surrogateescape")[own.start - place : own.stop - place]
                found[writer].append(Piece(whole, raw, number, last - token + 1, joined))
            place += size
    return [tuple(_together(some)) for some in found]


def _parted(cluster: str) -> Sequence[str]:
    """A cluster of controls, such as a carriage return before a new line, is no character that tokens could share."""
    return cluster if cluster.isascii() and not cluster.isprintable() else (cluster,)


def _together(some: Sequence[Piece]) -> Iterator[Piece]:
    """Bytes of no character that follow each other are one piece."""
    raw = b""
    for piece in some:
        if piece.text:
            yield from [Piece("", raw)] if raw else []
            yield piece
            raw = b""
        else:
            raw += piece.raw
    yield from [Piece("", raw)] if raw else []
