"""A text as a line of tokens, with a label where the input begins and where the output does."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from lensdoc.explorables.display import token_element
from lensdoc.explorables.elements import Content, Element, element
from lensdoc.records.tokens import Token

_CHUNK = 64
"""Tokens of a chunk: of a long text the script changes those chunks only that are in view."""
_LINE = 60
"""Characters of a line, roughly: how high the lines of a long text are while nobody sees them."""

Attributes = Callable[[int], Mapping[str, str]]


def sequence_element(tokens: Sequence[Token], attributes: Attributes, starts: Sequence[int] = (0,)) -> Element:
    """The tokens in reading order, each with the attributes that its position asks for; several texts stand apart."""
    if len(starts) <= 1:
        return element("div", {"class": "ld-tokens", "dir": "auto"}, *_text(tokens, range(len(tokens)), attributes))
    bounds = pairwise((*starts, len(tokens)))
    texts = (
        element("div", {"class": "ld-one", "dir": "auto"}, *_text(tokens, range(*bound), attributes, f"text {number}: "))
        for number, bound in enumerate(bounds, 1)
    )
    return element("div", {"class": "ld-tokens"}, *texts)


def _text(tokens: Sequence[Token], positions: range, attributes: Attributes, name: str = "") -> list[Content]:
    """One text; a long one in chunks, and these in blocks, which browsers leave out of their work while nobody sees them."""

    def content(found: range) -> Iterator[Content]:
        for position in found:
            token = tokens[position]
            begins = position == positions[0]
            if begins or token.kind != tokens[position - 1].kind:
                yield element("span", {"class": "ld-part", "dir": "ltr"}, f"{name if begins else ''}{token.kind}")
            # A line may break before a space, and nowhere inside a token.
            yield from [element("wbr")] if token.text.startswith(" ") else []
            yield token_element(token, attributes(position))

    if len(tokens) <= 2 * _CHUNK:
        return list(content(positions))
    return [
        element(
            "span",
            {"class": "ld-lines", "style": f"--ld-lines: {_lines(tokens, block)}"},
            *(element("span", {"class": "ld-chunk"}, *content(chunk)) for chunk in _parted(block)),
        )
        for block in _blocks(tokens, positions)
    ]


def _blocks(tokens: Sequence[Token], positions: range) -> list[range]:
    """Stretches of at least a chunk that end where a line ends, so that they may stand below each other."""
    bounds = [positions.start]
    for position in positions[:-1]:
        if tokens[position].text.endswith("\n") and position + 1 - bounds[-1] >= _CHUNK:
            bounds.append(position + 1)
    return [range(*bound) for bound in pairwise((*bounds, positions.stop))]


def _parted(block: range) -> list[range]:
    return [block[first : first + _CHUNK] for first in range(0, len(block), _CHUNK)]


def _lines(tokens: Sequence[Token], block: range) -> int:
    lines = "".join(tokens[position].text for position in block).removesuffix("\n").split("\n")
    return sum(max(1, math.ceil(len(line) / _LINE)) for line in lines)
