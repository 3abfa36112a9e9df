"""Arcs from a token to those that it attends to, the tokens one below the other. `web/src/attention/arcs.js` draws them alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lensdoc.explorables.display import word
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.numbers import share
from lensdoc.explorables.shared import SIZES
from lensdoc.records.tokens import Token

_SIZES = SIZES["arcs"]
PITCH: int = _SIZES["pitch"]
"""Pixels from a token to the next."""
_AXIS: int = _SIZES["axis"]
_WIDTH: int = _SIZES["width"]
_END: int = _SIZES["end"]
"""Where the arcs end and the tokens begin, how wide the drawing is, and where the shares stand."""
_LEAST: float = _SIZES["least"]
"""Weights below have no arc and no figure."""
_BASE: int = _SIZES["base"]
_REACH: int = _SIZES["reach"]
_MOST: int = _SIZES["most"]
"""How far an arc reaches out: pixels of the shortest, more for each token between, and at most."""
_THICK: int = _SIZES["thick"]
"""Pixels of an arc with all of the weight."""
MOST_TOKENS: int = _SIZES["tokens"]
"""Of a longer text those with the largest weights are shown."""
_LETTERS: int = _SIZES["letters"]


def arcs_element(tokens: Sequence[Token], query: int, row: Sequence[float], seen: int | None = None) -> Element:
    """The tokens that the query sees with its arcs; hidden from those who do not see, who read it in words.

    Where only the first tokens are `seen`, as those of a source, the others are left out, but for the query.
    """
    seen = len(row) if seen is None else seen
    shown = [position for position in shown_positions(row, query) if position < seen or position == query]
    height = PITCH * len(shown) + 8
    parts = [*_arcs(shown, query, row), *_words(tokens, shown, query, row[:seen])]
    box = {"viewBox": f"0 0 {_WIDTH} {height}", "width": str(_WIDTH)}
    return element("svg", {"class": "ld-arcs", **box, "aria-hidden": "true"}, *parts)


def shown_positions(row: Sequence[float], query: int) -> list[int]:
    """The positions seen from the query that are shown, in their order: all, or those of the largest weights and the query."""
    largest = sorted((k for k in range(len(row)) if k != query), key=lambda k: (-row[k], k))[: MOST_TOKENS - 1]
    return sorted([*largest, query])


def _y(place: int) -> float:
    return PITCH * place + PITCH / 2 + 4


def _arcs(shown: Sequence[int], query: int, row: Sequence[float]) -> Iterator[Element]:
    start = _y(shown.index(query))
    for place, key in enumerate(shown):
        if row[key] < _LEAST:
            continue
        end = _y(place) if key != query else start - 6
        reach = _AXIS - min(_MOST, _BASE + _REACH * abs(query - key))
        thick = f"{max(1.0, _THICK * row[key]):.1f}"
        path = f"M{_AXIS},{start:g}C{reach},{start:g} {reach},{end:g} {_AXIS},{end:g}"
        yield element("path", {"class": "ld-arc", "d": path, "stroke-width": thick})


def _words(tokens: Sequence[Token], shown: Sequence[int], query: int, row: Sequence[float]) -> Iterator[Element]:
    for place, key in enumerate(shown):
        at = f"{_y(place) + 4:g}"
        text = word(tokens, key).lstrip()
        short = text if len(text) <= _LETTERS else f"{text[:_LETTERS]}…"
        weight = "bold" if key == query else None
        yield element("text", {"class": "ld-end", "x": str(_AXIS + 8), "y": at, "font-weight": weight}, short)
        if key < len(row) and row[key] >= _LEAST:
            yield element("text", {"class": "ld-tick", "x": str(_END), "y": at, "text-anchor": "end"}, share(row[key]))
