"""A text as a line of tokens, with a label where the input begins and where the output does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby, pairwise

from lensdoc.explorables.display import token_element
from lensdoc.explorables.elements import Content, Element, element
from lensdoc.records.tokens import Token

_CHUNK = 64
"""Tokens of a chunk: of a long text the script changes those chunks only that are in view."""

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
    content: list[Content] = []
    for kind, group in groupby(positions, key=lambda position: tokens[position].kind):
        content.append(element("span", {"class": "ld-part", "dir": "ltr"}, name + kind))
        found = list(group)
        name = ""
        if len(tokens) <= 2 * _CHUNK:
            content.extend(_tokens(tokens, found, attributes))
            continue
        chunks = (found[first : first + _CHUNK] for first in range(0, len(found), _CHUNK))
        content.extend(element("span", {"class": "ld-chunk"}, *_tokens(tokens, chunk, attributes)) for chunk in chunks)
    return content


def _tokens(tokens: Sequence[Token], positions: Iterable[int], attributes: Attributes) -> list[Content]:
    content: list[Content] = []
    for position in positions:
        # A line may break before a space, and nowhere inside a token.
        content.extend([element("wbr")] if tokens[position].text.startswith(" ") else [])
        content.append(token_element(tokens[position], attributes(position)))
    return content
