"""The figure of kind `predictions`: the most probable tokens after every layer, with bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lensdoc.explorables.blanks import blank_title
from lensdoc.explorables.display import quoted, word_element
from lensdoc.explorables.elements import Content, Element, element
from lensdoc.explorables.grids import HINT, grid_element, lens_method, lens_name, readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import percent
from lensdoc.explorables.shared import SIZES, said
from lensdoc.records.predictions import Predictions
from lensdoc.records.tokens import Token

_WORDS_BEFORE: int = SIZES["grid"]["before"]
"""Tokens on a side of a place that its title repeats."""
_ON_PAPER: int = SIZES["grid"]["paper"]
"""Tokens of a row that are printed: more would be too small to read. The style sheet for paper leaves the others out."""


def draw(record: Predictions, options: Mapping[str, Any]) -> Element:
    """The custom element with a grid for each position; layers run downwards, the most probable token stands first."""
    del options
    parts: list[Content] = []
    for index in range(len(record.positions)):
        parts += [_title(record, index), _grid(record, index)]
    summary = said("predictions.summary", lens=lens_name(record.lens))
    width = _width(record)
    paper = said("predictions.paper", count=_ON_PAPER, all=width) if width > _ON_PAPER else ""
    return element(
        "lens-predictions", {"class": "ld-predictions", "data-search-exclude": ""}, *parts, readout(summary, HINT, paper=paper)
    )


def _width(record: Predictions) -> int:
    return len(record.ids[0][0]) if record.positions and record.layers else 0


def _title(record: Predictions, index: int) -> Element:
    return blank_title(record.tokens, record.positions[index], both_sides=record.sees_all, most=_WORDS_BEFORE)


def _grid(record: Predictions, index: int) -> Element:
    heads = [
        element("th", {"scope": "col", "data-name": said("predictions.head", rank=k), "data-at": str(k)}, str(k))
        for k in range(1, _width(record) + 1)
    ]
    rows = [
        (layer, [_cell(*found) for found in zip(_tokens(record, index, row), record.probs[index][row], strict=True)])
        for row, layer in enumerate(record.layers)
    ]
    position = record.positions[index]
    part = f"position={position}" if len(record.positions) > 1 else None
    return grid_element(heads, rows, said("predictions.caption", position=position), ("place", part))


def _tokens(record: Predictions, index: int, row: int) -> list[Token]:
    """The tokens of a row, as such that stand alone."""
    ids, texts = record.ids[index][row], record.texts[index][row]
    raw = record.bytes[index][row] if record.bytes else (None,) * len(ids)
    found = zip(ids, texts, raw, strict=True)
    return [Token(id=token_id, text=text, kind="output", bytes=code) for token_id, text, code in found]


def _cell(token: Token, prob: float) -> Element:
    figure = element("span", {"class": "ld-figure"}, percent(prob))
    return element("td", {"data-p": percent(prob), "style": f"--ld-bar: {prob:.4f}"}, _short_word(token), figure)


def _short_word(token: Token) -> Element:
    """A token as short as its cell: what cannot be seen has its code alone, and its name where it is read out."""
    word = word_element((token,), 0)
    for glyph in word:
        code, _, name = (glyph.text or "").partition(" ")
        if code.startswith("U+") and name:
            glyph.text = code
            word.set("data-said", quoted((token,), 0))
    return word


def _numbers(record: Predictions) -> Iterator[tuple[Cell, ...]]:
    for index, position in enumerate(record.positions):
        for row, layer in enumerate(record.layers):
            found = zip(_tokens(record, index, row), record.probs[index][row], strict=True)
            for place, (token, prob) in enumerate(found, 1):
                yield position, layer, place, token.spelled, prob


EXPLORABLE = Explorable(
    options={},
    draw=draw,
    method=lambda record: lens_method(final_norm=record.final_norm, masked=record.sees_all, lenses=[record.lens]),
    table=Table(("position", "layer", "place", "token", "probability"), _numbers),
    states={
        "position": lambda record: record.positions if len(record.positions) > 1 else (),
        "layer": lambda record: record.layers,
        "place": lambda record: range(1, len(record.ids[0][0]) + 1) if record.layers else (),
    },
    together=("position", "layer", "place"),
)
