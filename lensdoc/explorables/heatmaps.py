"""A heatmap of neurons: their tokens above, bands beside them, and an image with a pixel for each value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lensdoc.explorables.bands import LABEL, bands_element
from lensdoc.explorables.characters import direction
from lensdoc.explorables.display import word_element
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.heat import Heat
from lensdoc.explorables.images import heat_image
from lensdoc.explorables.shared import SIZES, said
from lensdoc.records.activations import Activations

_SIZES = SIZES["heat"]
_MOST_HEADS: int = _SIZES["heads"]
"""Columns that are headed by their tokens; of more the heads name the ends."""
_MOST_FLAT: int = _SIZES["flat"]
"""Columns whose heads are not turned."""
_COLUMN: dict[str, tuple[str, str]] = _SIZES["column"]
"""For each layout how wide a column is at least and at most; without a most the columns share what room there is."""
_ROOM: int = _SIZES["room"]
"""Pixels that lines share in whole parts, each from one to `_TALLEST`; above `_MOST_LINES` they are blended into fewer."""
_TALLEST: int = _SIZES["tallest"]
_MOST_LINES: int = _SIZES["lines"]
_BLENDED: int = _SIZES["blended"]
"""Pixels for a value across, where lines are blended, so that columns are not."""


@dataclass(frozen=True)
class Shape:
    """How the values of a layer are laid out."""

    wrap: int
    """Neurons in a line where one token alone is shown, else 0: a neuron has a line, or in a small cluster several."""
    columns: int
    lines: int
    height: float
    """In pixels."""
    tall: tuple[int, ...]
    """Lines of a neuron in each cluster."""

    @classmethod
    def of(cls, record: Activations, heat: Heat, height: float | None) -> Shape:
        """How a layer is laid out."""
        count, tokens = len(record.neurons), len(record.positions)
        wrap = 10 * max(1, round(math.sqrt(2 * count) / 10)) if tokens == 1 and not record.clusters else 0
        if wrap:
            lines = math.ceil(count / wrap)
            return cls(wrap, wrap, lines, height or _usual(lines), ())
        tall = tall_rows([size for _, size in heat.clusters], height or _usual(count))
        lines = sum(size * more for (_, size), more in zip(heat.clusters, tall, strict=True)) or count
        return cls(0, tokens, lines, height or _usual(count) * lines / count, tall)

    @property
    def pixels(self) -> int:
        """Pixels of the image for a value across."""
        return _BLENDED if self.height < self.lines else 1

    @property
    def style(self) -> str:
        """The class of its columns and heads."""
        if self.wrap:
            return "ld-wrapped"
        if self.columns > _MOST_HEADS:
            return "ld-far"
        return "ld-turned" if self.columns > _MOST_FLAT else "ld-flat"


def _usual(lines: int) -> float:
    return min(_MOST_LINES, lines * max(1, min(_TALLEST, _ROOM // lines)))


def tall_rows(sizes: Sequence[int], height: float) -> tuple[int, ...]:
    """How many lines a neuron has in clusters of these sizes, so that each cluster is as high as its label.

    Where so many would take more than half of the height they have one line each.
    """
    if not sizes or len(sizes) * LABEL > height / 2:
        return (1,) * len(sizes)
    least = LABEL * sum(sizes) / height
    return tuple(max(1, math.ceil(least / size)) for size in sizes)


def heatmap_element(record: Activations, heat: Heat, shape: Shape, name: str) -> Element:
    """The heatmap in a frame that scrolls."""
    image = element("img", {"alt": "", "src": _image(heat, shape), "class": "ld-dense" if shape.pixels > 1 else None})
    boundary = first_output(record)
    at = [] if boundary is None else [element("span", {"class": "ld-edge", "style": f"--ld-at: {boundary}"})]
    plot = element("div", {"class": "ld-plot", "role": "img", "aria-label": said("activations.heatmap", name=name)}, image, *at)
    least, most = _COLUMN[shape.style]
    across = f"--ld-least: {least}; --ld-most: {f'calc(var(--ld-columns) * {most})' if most else '1fr'}"
    size = f"--ld-columns: {shape.columns}; --ld-lines: {shape.lines}; --ld-height: {shape.height:g}px"
    style = f"{size}; {across}; --ld-side: {'6em' if heat.clusters else '3.5em'}"
    parts = (_heads(record, shape), bands_element(heat, shape), plot)
    runs = "ltr" if shape.wrap else direction(record.tokens)  # neurons of one token stand in the order of their numbers
    heat_element = element("div", {"class": f"ld-heat {shape.style}", "style": style}, *parts)
    return element("div", {"class": "ld-frame", "dir": runs}, heat_element)


def first_output(record: Activations) -> int | None:
    """The column where the output begins, if input is shown too."""
    kinds = [record.tokens[position].kind for position in record.positions]
    if record.sees_all:  # filled masks stand between given tokens
        return None
    return kinds.index("output") if 0 < kinds.count("output") < len(kinds) else None


def _image(heat: Heat, shape: Shape) -> str:
    if not shape.wrap:
        repeats = [more for (_, size), more in zip(heat.clusters, shape.tall, strict=True) for _ in range(size)] or [1] * len(
            heat.rows
        )
        wide = [bytes(code for code in row for _ in range(shape.pixels)) for row in heat.codes]
        return heat_image([row for row, more in zip(wide, repeats, strict=True) for _ in range(more)])
    codes = b"".join(heat.codes).ljust(shape.lines * shape.wrap, b"\0")
    return heat_image([codes[first : first + shape.wrap] for first in range(0, len(codes), shape.wrap)])


def _heads(record: Activations, shape: Shape) -> Element:
    shown = record.positions if shape.columns <= _MOST_HEADS else ()
    ends = (said("position", position=record.positions[0]), str(record.positions[-1]))
    if shape.wrap:
        heads = [element("span", None, f"{ends[0]} ‘", _word(record, record.positions[0]), "’")]
    else:
        heads = [element("span", {"class": "ld-head"}, _word(record, position)) for position in shown]
    heads = heads or [element("span", None, end) for end in ends]
    return element("div", {"class": "ld-heads", "aria-hidden": "true"}, *heads)


def _word(record: Activations, position: int) -> Element:
    return word_element(record.tokens, position)
