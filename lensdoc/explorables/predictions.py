"""The figure of kind `predictions`: the most probable tokens after every layer, with bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lensdoc.explorables.display import plain, token_content
from lensdoc.explorables.elements import Content, Element, element
from lensdoc.explorables.grids import HINT, grid_element, lens_method, readout
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
    summary = "The most probable tokens after each layer, by logit lens; bars and figures give their probability."
    return element("lens-predictions", {"class": "ld-predictions", "data-search-exclude": ""}, *parts, readout(summary, HINT))


def _title(record: Predictions, index: int) -> Element:
    position = record.positions[index]
    before = record.tokens[max(0, position - _WORDS_BEFORE) : position]
    text = "".join(plain(token) for token in before)
    return element(
        "p",
        {"class": "ld-title"},
        "…" if position > len(before) else "",
        text,
        " ",
        element("span", {"class": "ld-blank"}, "____"),
    )


def _grid(record: Predictions, index: int) -> Element:
    width = len(record.ids[index][0]) if record.layers else 0
    heads = [element("th", {"scope": "col", "data-name": f"rank {k + 1}"}, str(k + 1)) for k in range(width)]
    rows = [
        (
            layer,
            [
                _cell(*found)
                for found in zip(
                    _raw(record, index, row),
                    *(field[index][row] for field in (record.texts, record.ids, record.probs)),
                    strict=True,
                )
            ],
        )
        for row, layer in enumerate(record.layers)
    ]
    return grid_element(heads, rows, f"Most probable tokens at position {record.positions[index]} after each layer")


def _raw(record: Predictions, index: int, row: int) -> tuple[str | None, ...]:
    return record.bytes[index][row] if record.bytes else (None,) * len(record.ids[index][row])


def _cell(raw: str | None, text: str, token_id: int, prob: float) -> Element:
    token = Token(id=token_id, text=text, kind="output", bytes=raw)
    word = element("span", {"class": "ld-word"}, *token_content(token))
    figure = element("span", {"class": "ld-figure"}, percent(prob))
    return element("td", {"data-p": percent(prob), "style": f"--ld-bar: {prob:.4f}"}, word, figure)


def _numbers(record: Predictions) -> Iterator[tuple[Cell, ...]]:
    for position, texts, probs in zip(record.positions, record.texts, record.probs, strict=True):
        for layer, words, row in zip(record.layers, texts, probs, strict=True):
            for place, (word, prob) in enumerate(zip(words, row, strict=True), 1):
                yield position, layer, place, word, prob


EXPLORABLE = Explorable(
    options={},
    draw=draw,
    method=lambda record: lens_method(final_norm=record.final_norm),
    table=Table(("position", "layer", "place", "token", "probability"), _numbers),
)
