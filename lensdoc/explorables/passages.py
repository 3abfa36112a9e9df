"""Long texts: a window on them, and a list of the places that matter, each with the words around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lensdoc.explorables.display import line, word
from lensdoc.explorables.elements import Content, Element, element
from lensdoc.explorables.numbers import added, share
from lensdoc.explorables.scores import label, ranked
from lensdoc.explorables.shared import CHARACTERS_AFTER, CHARACTERS_BEFORE, PASSAGES, SIZES, TOKENS_AROUND, said
from lensdoc.records.tokens import Token

LONG: int = SIZES["text"]["long"]
"""A text of more tokens does not stand on a screen as a whole."""

Place = tuple[int, str]
"""A position, and what is said of it."""


def window(tokens: Sequence[Token], drawn: Element) -> Element:
    """The drawn text; a long one in a window, which the script moves to where the reader wants to look.

    Without scripts and on paper the text stands there as a whole.
    """
    return element("div", {"class": "ld-window"}, drawn) if len(tokens) > LONG else drawn


def passages(tokens: Sequence[Token], title: str, places: Iterable[Place], rest: str = "") -> list[Element]:
    """For a long text a list of places; the script makes them buttons that lead there. Nothing for a short text.

    Args:
        tokens: The text.
        title: What is listed.
        places: In the order in which they are listed.
        rest: What is said of all other places.
    """
    if len(tokens) <= LONG:
        return []
    items = [_item(tokens, *place) for place in places]
    others = [element("li", {"class": "ld-rest"}, rest)] if rest else []
    return [element("p", {"class": "ld-listed"}, title), element("ol", {"class": "ld-passages"}, *items, *others)]


def scored(tokens: Sequence[Token], row: Sequence[float], target: int, *, signed: bool, unscored: int = 0) -> list[Element]:
    """For a long text the place of a target, and the tokens with the largest scores; some in the row may have none."""
    order = ranked(row, PASSAGES)
    places = [(target, said("explained")), *((i, label(row[i], signed=signed)) for i in order)]
    return passages(tokens, TITLE, places, "" if signed else _rest(row, order, unscored))


TITLE = said("largest")


def _rest(row: Sequence[float], listed: Sequence[int], unscored: int) -> str:
    others = len(row) - len(listed) - unscored
    total = share(max(0.0, added(row) - added(row[i] for i in listed)))
    return said("rest", count=f"{others:,}", sum=total) if others else ""


def least_probable(tokens: Sequence[Token], probs: Sequence[Place], values: Sequence[float]) -> list[Element]:
    """For a long text the places whose tokens were least expected."""
    order = sorted(range(len(probs)), key=values.__getitem__)[:PASSAGES]
    return passages(tokens, said("leastProbable"), [probs[i] for i in order])


def _item(tokens: Sequence[Token], position: int, said: str) -> Element:
    before = line(tokens, slice(max(0, position - TOKENS_AROUND), position))[-CHARACTERS_BEFORE:]
    after = line(tokens, slice(position + 1, position + 1 + TOKENS_AROUND))[:CHARACTERS_AFTER]
    words: list[Content] = [before, element("b", None, word(tokens, position)), after]
    return element(
        "li",
        {"data-position": str(position)},
        element("span", {"class": "ld-at"}, str(position)),
        element("span", {"class": "ld-word", "dir": "auto"}, *words),
        element("span", {"class": "ld-said"}, said),
    )
