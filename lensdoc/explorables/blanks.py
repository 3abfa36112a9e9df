"""The text around a place at which tokens were predicted, with a blank there: what figures of one place have as their title."""

from __future__ import annotations

from collections.abc import Sequence

from lensdoc.explorables.characters import direction
from lensdoc.explorables.elements import Content, Element, element
from lensdoc.explorables.folds import line_content
from lensdoc.records.tokens import Token

_BLANK = "____"
_MASK = "[mask]"
"""Stands for other masks of the same text, which the model had not filled when it predicted this one."""


def blank_title(tokens: Sequence[Token], position: int, *, both_sides: bool, most: int | None = None) -> Element:
    """The tokens before a place and its blank; of a masked model those after it too.

    Args:
        tokens: The text.
        position: The place.
        both_sides: Whether the model saw the tokens after it.
        most: How many tokens are shown on a side, template tokens left out of the count; None for all.
    """
    own = [p for p in range(position) if tokens[p].kind != "template"]
    first = own[-most] if most is not None and len(own) >= most else 0
    before = tokens[first:position]
    content: list[Content] = ["…" if first else ""]
    content += _around(before) if both_sides else _streams(before)
    content += ["" if both_sides else " ", element("span", {"class": "ld-blank"}, f" {_BLANK}" if both_sides else _BLANK)]
    if both_sides:
        after = tokens[position + 1 :] if most is None else tokens[position + 1 : position + 1 + most]
        content += [*_around(after), "…" if position + 1 + len(after) < len(tokens) else ""]
    return element("p", {"class": "ld-title", "dir": direction(before)}, *content)


def _streams(tokens: Sequence[Token]) -> list[Content]:
    """The text before a place; of an encoder with a decoder the source, an arrow, and the target so far."""
    source = [token for token in tokens if token.stream == "source"]
    target = [token for token in tokens if token.stream != "source"]
    arrow = element("span", {"class": "ld-part", "dir": "ltr"}, "→ target")
    return [*line_content(source), " ", arrow, " ", *line_content(target)] if source else line_content(target)


def _around(tokens: Sequence[Token]) -> list[Content]:
    """Tokens that were given, and a word for those that were masks."""
    content: list[Content] = []
    run: list[Token] = []
    for token in tokens:
        if token.kind == "output":
            content += [*line_content(run), f" {_MASK}"]
            run = []
        else:
            run.append(token)
    return [*content, *line_content(run)]
