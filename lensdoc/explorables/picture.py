"""A record as a picture of its numbers, for viewers of notebooks that run no script and take no styles: SVG of a few elements.

It is no replacement for the figure, which has more to it: a grid of cells, the deeper in colour the larger the number.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from lensdoc.explorables.display import SPACE, visible, word
from lensdoc.explorables.elements import Element, element, to_html
from lensdoc.explorables.images import NEGATIVE, POSITIVE
from lensdoc.records.record import Record

Names = Callable[[Any], Sequence[str]]

_SIDE = 14
"""Pixels of a cell."""
_ROWS, _COLUMNS = 24, 60
"""Rows and columns that are drawn of many; the picture says how many there are."""
_ALL_ROWS = 48
"""So many rows are all drawn, as the layers of most models: the last ones matter most."""
_LONGEST = 10
"""Characters of a name that are shown."""
_LEVELS = 8
"""Depths of a colour."""
_LETTER = 7
"""Pixels that a character takes at most."""


def _tokens(record: Record, places: Sequence[int]) -> list[str]:
    return [word(record.tokens, place) if 0 <= place < len(record.tokens) else str(place) for place in places]


def _all_tokens(record: Record) -> list[str]:
    return _tokens(record, range(len(record.tokens)))


def _numbered(field: str, prefix: str = "") -> Names:
    return lambda record: [f"{prefix}{number}" for number in getattr(record, field)]


def _texts_of(field: str) -> Names:
    return lambda record: _tokens(record, getattr(record, field))


def _named(field: str) -> Names:
    return lambda record: [part.name for part in getattr(record, field)]


def _counted(prefix: str, rows: Sequence[Sequence[object]]) -> list[str]:
    """`prefix 1` and so on, as many as the longest row has members."""
    return [f"{prefix} {number}" for number in range(1, 1 + max(map(len, rows)))]


def _watched(record: Any) -> list[str]:  # noqa: ANN401 - of kind watch
    return [watched.text.replace(" ", SPACE) for watched in record.watched]


def _columns_of_patching(record: Any) -> Sequence[str]:  # noqa: ANN401 - of kind patching
    return _HEADS(record) if record.heads is not None else _tokens(record, record.columns)


def _by_size(record: Any) -> list[tuple[float, str]]:  # noqa: ANN401 - of kind logit-attribution
    """Value and name of each part, the largest first: of some hundred parts, the first columns are drawn."""
    parts = [(value, part.name) for value, part in zip(record.values, record.parts, strict=True)]
    return sorted(parts, key=lambda part: -abs(part[0]))


def _strongest(record: Any) -> list[Any]:  # noqa: ANN401 - of kind graph
    return sorted(record.links, key=lambda link: -abs(link.weight))


_LAYERS, _HEADS = _numbered("layers", "layer "), _numbered("heads", "head ")
_DRAWN: Mapping[str, tuple[Callable[[Any], Any], Names, Names]] = {
    "ablation": (
        lambda record: [(change, *controls) for change, controls in zip(record.changes, record.controls, strict=True)],
        _named("parts"),
        lambda record: ["change", *_counted("control", record.controls)],
    ),
    "activations": (lambda record: record.rows[0], _numbered("neurons"), _texts_of("positions")),
    "attention": (lambda record: record.head_scores.first, _LAYERS, _HEADS),
    "attention-flow": (lambda record: record.scores, lambda record: record.methods, _all_tokens),
    "decoding": (
        lambda record: [strategy.probs for strategy in record.strategies],
        _named("strategies"),
        lambda record: _counted("token", [strategy.tokens for strategy in record.strategies]),
    ),
    "exchange": (lambda record: [record.curve], lambda _: ["curve"], _numbered("steps")),
    "factor-saliency": (lambda record: record.scores[0], _texts_of("targets"), _all_tokens),
    "factors": (
        lambda record: record.activations,
        lambda record: [f"F{number}" for number, _ in enumerate(record.activations, 1)],
        _all_tokens,
    ),
    "faithfulness": (
        lambda record: [record.curve, *record.random],
        lambda record: ["curve", *(f"random {number}" for number, _ in enumerate(record.random, 1))],
        _numbered("removed"),
    ),
    "graph": (
        lambda record: [[abs(link.weight) for link in _strongest(record)]],
        lambda _: ["|weight|"],
        lambda record: [f"{record.nodes[link.source].id} > {record.nodes[link.target].id}" for link in _strongest(record)],
    ),
    "live": (
        lambda record: [record.records["sequence"]["probs"]],
        lambda _: ["probs"],
        lambda record: _tokens(record, record.records["sequence"]["targets"]),
    ),
    "logit-attribution": (
        lambda record: [[value for value, _ in _by_size(record)]],
        lambda _: ["values"],
        lambda record: [name for _, name in _by_size(record)],
    ),
    "mask": (lambda record: record.gates, lambda record: [f"mask {n}" for n, _ in enumerate(record.gates, 1)], _all_tokens),
    "patching": (lambda record: record.values, _LAYERS, _columns_of_patching),
    "predictions": (
        lambda record: [[best[0] for best in layers] for layers in record.probs],
        _texts_of("positions"),
        _LAYERS,
    ),
    "rankings": (lambda record: _inverse(record.ranks), _LAYERS, _texts_of("targets")),
    "saliency": (lambda record: record.scores, _texts_of("targets"), _all_tokens),
    "sequence": (lambda record: [record.probs], lambda _: ["probs"], _texts_of("targets")),
    "similarity": (lambda record: record.values, _LAYERS, _numbered("columns", "layer ")),
    "watch": (lambda record: _inverse(record.ranks), _LAYERS, _watched),
}
"""Kind to the numbers that are drawn, row by row, and the names of rows and columns; any other kind has a grid of its own."""
_SAID = {
    "ablation": "changes of the outcome",
    "attention": "mean weight on the first token",
    "decoding": "probabilities",
    "graph": "strongest links first",
    "logit-attribution": "largest parts first",
    "mask": "gates",
    "rankings": "1 / rank",
    "watch": "1 / rank",
}
"""What the numbers are, where the kind does not say it."""


WITHOUT = frozenset({"image", "table"})
"""Kinds that are no numbers in rows of one kind: the one is a picture itself, the other is written as text."""


@dataclass(frozen=True)
class Grid:
    """What is drawn."""

    rows: Sequence[Sequence[float]]
    """Rows may have different numbers of cells."""
    row_names: Sequence[str]
    column_names: Sequence[str]


def picture(record: Record) -> str | None:
    """The picture as SVG; None where a record has no numbers in rows.

    Args:
        record: A record of any kind. Of kinds that are not known here the first numbers in rows are drawn, without names.
    """
    if record.KIND in WITHOUT:
        return None
    grid = _grid(record)
    what = "; ".join([f"{record.KIND}, {record.model.id}", *([_SAID[record.KIND]] if record.KIND in _SAID else [])])
    return to_html(_drawn(grid, what)) if grid else None


def _grid(record: Record) -> Grid | None:
    if record.KIND in _DRAWN:
        numbers, row_names, column_names = _DRAWN[record.KIND]
        return Grid(numbers(record), row_names(record), column_names(record))
    fields = [getattr(record, name) for name in type(record).model_fields]
    found = next((rows for value in fields if (rows := _rows(value))), None) or _longest_row(fields)
    return Grid(found, _numbers(len(found)), _numbers(max(map(len, found)))) if found else None


def _rows(value: object) -> Sequence[Sequence[float]] | None:
    """Numbers in rows: the value itself, or the first of several such."""
    while isinstance(value, tuple) and value and isinstance(value[0], tuple) and value[0]:
        if _is_number(value[0][0]):
            return value
        value = value[0]
    return None


def _longest_row(fields: Sequence[object]) -> Sequence[Sequence[float]] | None:
    """Of a record without such rows the longest list of numbers, as one."""
    lists = [value for value in fields if isinstance(value, tuple) and value and all(map(_is_number, value))]
    return [max(lists, key=len)] if lists else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numbers(count: int) -> list[str]:
    return [str(number) for number in range(count)]


def _inverse(ranks: Sequence[Sequence[int]]) -> list[list[float]]:
    """Of ranks, the first is the largest."""
    return [[1 / rank for rank in row] for row in ranks]


def _drawn(grid: Grid, title: str) -> Element:
    rows = [list(row)[:_COLUMNS] for row in grid.rows[: _shown(grid)]]
    row_names, column_names = (list(map(_short, names)) for names in (grid.row_names[: len(rows)], grid.column_names[:_COLUMNS]))
    columns = max(map(len, rows), default=0)
    left, top = (_LETTER * max(map(len, names), default=0) + 6 for names in (row_names, column_names[:columns]))
    said = "; ".join([title, *_left_out(grid)])
    width, height = max(left + columns * _SIDE, _LETTER * len(said)) + 6, top + len(rows) * _SIDE + 24
    labels = [_label(name, left - 4, top + place * _SIDE + 11, "end") for place, name in enumerate(row_names)]
    labels += [_label(name, left + place * _SIDE + 11, top - 4, "turned") for place, name in enumerate(column_names[:columns])]
    return element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": str(width),
            "height": str(height),
            "viewBox": f"0 0 {width} {height}",
            "role": "img",
            "font-family": "monospace",
            "font-size": "11",
        },
        element("title", None, said),
        element("rect", {"width": "100%", "height": "100%", "fill": "#fff"}),
        element("g", {"transform": f"translate({left} {top}) scale({_SIDE})"}, *_cells(rows)),
        *labels,
        _label(said, 4, height - 8, "start"),
    )


def _cells(rows: Sequence[Sequence[float]]) -> Iterator[Element]:
    """A path for each depth of a colour: cells beside each other that have the same are one piece of it."""
    largest = max((abs(value) for row in rows for value in row if math.isfinite(value)), default=0) or 1
    pieces: dict[int, list[str]] = defaultdict(list)
    for y, row in enumerate(rows):
        levels = [round(_LEVELS * value / largest) if math.isfinite(value) else 0 for value in row]
        for level, run in groupby(range(len(row)), key=levels.__getitem__):
            columns = list(run)
            if level:
                pieces[level].append(f"M{columns[0]} {y}h{len(columns)}v1h-{len(columns)}z")
    yield element("path", {"d": "".join(f"M0 {y}h{len(row)}v1h-{len(row)}z" for y, row in enumerate(rows)), "fill": "#f3f3f3"})
    for level, found in sorted(pieces.items()):
        yield element("path", {"d": "".join(found), "fill": _colour(level)})


def _colour(level: int) -> str:
    """The deeper the larger, on white, as in figures."""
    depth = abs(level) / _LEVELS
    full = NEGATIVE if level < 0 else POSITIVE
    return "#" + "".join(f"{round(255 - (255 - part) * depth):02x}" for part in full)


def _label(text: str, x: int, y: int, how: str) -> Element:
    turned = {"transform": f"translate({x} {y}) rotate(-90)"}
    place: dict[str, str | None] = {**(turned if how == "turned" else {"x": str(x), "y": str(y)})}
    return element("text", place | ({"text-anchor": "end"} if how == "end" else {}), text)


def _shown(grid: Grid) -> int:
    return len(grid.rows) if len(grid.rows) <= _ALL_ROWS else _ROWS


def _left_out(grid: Grid) -> Iterator[str]:
    columns = max(map(len, grid.rows), default=0)
    if len(grid.rows) > _shown(grid):
        yield f"first {_ROWS} of {len(grid.rows):,} rows"
    if columns > _COLUMNS:
        yield f"first {_COLUMNS} of {columns:,} columns"


def _short(name: str) -> str:
    shown = visible(name)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
