"""A heatmap of neurons: their tokens above, bands beside them, and an image with a pixel for each value."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lensdoc.explorables.bands import bands_element
from lensdoc.explorables.characters import direction
from lensdoc.explorables.display import word_element
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.heat import Heat
from lensdoc.explorables.images import heat_image
from lensdoc.records.activations import Activations

_MOST_HEADS = 80
"""Columns that are headed by their tokens; of more the heads name the ends."""
_MOST_FLAT = 8
"""Columns whose heads are not turned."""
_ROOM = 600
"""Pixels that lines share in whole parts, each from one to `_TALLEST`; above `_MOST_LINES` they are blended into fewer."""
_TALLEST = 8
_MOST_LINES = 720
_BLENDED = 8
"""Pixels for a value across, where lines are blended, so that columns are not."""


@dataclass(frozen=True)
class Shape:
    """How the values of a layer are laid out."""

    wrap: int
    """Neurons in a line where one token alone is shown, else 0: a neuron has a line."""
    columns: int
    lines: int
    height: float
    """In pixels."""

    @classmethod
    def of(cls, record: Activations, height: float | None) -> Shape:
        """The same for all layers of a record."""
        count, tokens = len(record.neurons), len(record.positions)
        wrap = 10 * max(1, round(math.sqrt(2 * count) / 10)) if tokens == 1 and not record.clusters else 0
        lines = math.ceil(count / wrap) if wrap else count
        usual = min(_MOST_LINES, lines * max(1, min(_TALLEST, _ROOM // lines)))
        return cls(wrap, wrap or tokens, lines, height or usual)

    @property
    def pixels(self) -> int:
        """Pixels of the image for a value across."""
        return _BLENDED if self.height < self.lines else 1

    @property
    def style(self) -> str:
        """The class of its heads."""
        if self.wrap:
            return "ld-wrapped"
        if self.columns > _MOST_HEADS:
            return "ld-far"
        return "ld-turned" if self.columns > _MOST_FLAT else "ld-flat"


def heatmap_element(record: Activations, heat: Heat, shape: Shape, name: str) -> Element:
    """The heatmap in a frame that scrolls."""
    image = element("img", {"alt": "", "src": _image(heat, shape), "class": "ld-dense" if shape.pixels > 1 else None})
    boundary = first_output(record)
    at = [] if boundary is None else [element("span", {"class": "ld-edge", "style": f"--ld-at: {boundary}"})]
    plot = element("div", {"class": "ld-plot", "role": "img", "aria-label": f"Heatmap: {name}"}, image, *at)
    style = f"--ld-columns: {shape.columns}; --ld-lines: {shape.lines}; --ld-height: {shape.height:g}px"
    parts = (_heads(record, shape), bands_element(heat, shape.wrap, shape.height), plot)
    runs = "ltr" if shape.wrap else direction(record.tokens)  # neurons of one token stand in the order of their numbers
    heat_element = element("div", {"class": f"ld-heat {shape.style}", "style": style}, *parts)
    return element("div", {"class": "ld-frame", "dir": runs}, heat_element)


def first_output(record: Activations) -> int | None:
    """The column where the output begins, if input is shown too."""
    kinds = [record.tokens[position].kind for position in record.positions]
    return kinds.index("output") if 0 < kinds.count("output") < len(kinds) else None


def _image(heat: Heat, shape: Shape) -> str:
    if not shape.wrap:
        return heat_image([bytes(code for code in row for _ in range(shape.pixels)) for row in heat.codes])
    codes = b"".join(heat.codes).ljust(shape.lines * shape.wrap, b"\0")
    return heat_image([codes[first : first + shape.wrap] for first in range(0, len(codes), shape.wrap)])


def _heads(record: Activations, shape: Shape) -> Element:
    shown = record.positions if shape.columns <= _MOST_HEADS else ()
    ends = (f"token {record.positions[0]}", str(record.positions[-1]))
    if shape.wrap:
        heads = [element("span", None, f"{ends[0]} ‘", _word(record, record.positions[0]), "’")]
    else:
        heads = [element("span", {"class": "ld-head"}, _word(record, position)) for position in shown]
    heads = heads or [element("span", None, end) for end in ends]
    return element("div", {"class": "ld-heads", "aria-hidden": "true"}, *heads)


def _word(record: Activations, position: int) -> Element:
    return word_element(record.tokens, position)
