"""A text as a line of tokens, with a label where the input begins and where the output does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from lensdoc.explorables.display import token_element
from lensdoc.explorables.elements import Content, Element, element
from lensdoc.records.tokens import Token


def sequence_element(tokens: Sequence[Token], attributes: Callable[[int], Mapping[str, str]]) -> Element:
    """The tokens in reading order, each with the attributes that its position asks for."""
    content: list[Content] = []
    for kind, group in groupby(enumerate(tokens), key=lambda pair: pair[1].kind):
        content.append(element("span", {"class": "ld-part", "dir": "ltr"}, kind))
        for position, token in group:
            # A line may break before a space, and nowhere inside a token.
            content.extend([element("wbr")] if token.text.startswith(" ") else [])
            content.append(token_element(token, attributes(position)))
    return element("div", {"class": "ld-tokens", "dir": "auto"}, *content)
