"""The figure of kind `predictions`: the most probable tokens after every layer, with bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lensdoc.explorables.characters import direction
from lensdoc.explorables.display import word_element
from lensdoc.explorables.elements import Content, Element, element
from lensdoc.explorables.folds import line_content
from lensdoc.explorables.grids import HINT, grid_element, lens_method, lens_name, readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import percent
from lensdoc.records.predictions import Predictions
from lensdoc.records.tokens import Token

_WORDS_BEFORE = 8
"""Tokens before a place that its title repeats."""


def draw(record: Predictions, options: Mapping[str, Any]) -> Element:
    """The custom element with a grid for each position; layers run downwards, the most probable token stands first."""
    del options
    parts: list[Content] = []
    for index in range(len(record.positions)):
        parts += [_title(record, index), _grid(record, index)]
    summary = f"The most probable tokens after each layer, by {lens_name(record.lens)}; bars and figures give their probability."
    return element("lens-predictions", {"class": "ld-predictions", "data-search-exclude": ""}, *parts, readout(summary, HINT))


def _title(record: Predictions, index: int) -> Element:
    position = record.positions[index]
    own = [p for p in range(position) if record.tokens[p].kind != "template"][-_WORDS_BEFORE:]
    before = record.tokens[own[0] if len(own) == _WORDS_BEFORE else 0 : position]
    return element(
        "p",
        {"class": "ld-title", "dir": direction(before)},
        "…" if position > len(before) else "",
        *line_content(before),
        " ",
        element("span", {"class": "ld-blank"}, "____"),
    )


def _grid(record: Predictions, index: int) -> Element:
    width = len(record.ids[index][0]) if record.layers else 0
    heads = [element("th", {"scope": "col", "data-name": f"rank {k + 1}"}, str(k + 1)) for k in range(width)]
    rows = [
        (layer, [_cell(*found) for found in zip(_tokens(record, index, row), record.probs[index][row], strict=True)])
        for row, layer in enumerate(record.layers)
    ]
    return grid_element(heads, rows, f"Most probable tokens at position {record.positions[index]} after each layer")


def _tokens(record: Predictions, index: int, row: int) -> list[Token]:
    """The tokens of a row, as such that stand alone."""
    ids, texts = record.ids[index][row], record.texts[index][row]
    raw = record.bytes[index][row] if record.bytes else (None,) * len(ids)
    found = zip(ids, texts, raw, strict=True)
    return [Token(id=token_id, text=text, kind="output", bytes=code) for token_id, text, code in found]


def _cell(token: Token, prob: float) -> Element:
    figure = element("span", {"class": "ld-figure"}, percent(prob))
    return element("td", {"data-p": percent(prob), "style": f"--ld-bar: {prob:.4f}"}, word_element((token,), 0), figure)


def _numbers(record: Predictions) -> Iterator[tuple[Cell, ...]]:
    for index, position in enumerate(record.positions):
        for row, layer in enumerate(record.layers):
            found = zip(_tokens(record, index, row), record.probs[index][row], strict=True)
            for place, (token, prob) in enumerate(found, 1):
                yield position, layer, place, token.spelled, prob


EXPLORABLE = Explorable(
    options={},
    draw=draw,
    method=lambda record: lens_method(final_norm=record.final_norm, lenses=[record.lens]),
    table=Table(("position", "layer", "place", "token", "probability"), _numbers),
)
