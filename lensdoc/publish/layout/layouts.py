"""How wide a figure is: as the text, as the page, as the screen, or in the margin."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from pymdownx.blocks.block import Block

from lensdoc.core.errors import PublishError
from lensdoc.core.names import nearest

LAYOUTS = ("body", "page", "screen", "aside")
"""The first is the default."""


def layout_class(layout: object) -> str:
    """The class of a layout; none for the default.

    Raises:
        PublishError: There is no such layout; the message names the nearest.
    """
    if layout not in LAYOUTS:
        raise PublishError(f"unknown layout {layout!r}; {nearest(str(layout), LAYOUTS)}")
    return "" if layout == LAYOUTS[0] else f"ld-{layout}"


def _checked(layout: object) -> str:
    try:
        return layout_class(layout)
    except PublishError as error:
        raise ValueError(str(error)) from None


def with_layout(block: type[Block]) -> type[Block]:
    """A caption block of pymdownx that knows the option `layout`."""

    class WithLayout(block):  # type: ignore[misc] # made of whatever class the author configured
        OPTIONS = {**block.OPTIONS, "layout": ("", _checked)}  # noqa: RUF012 - pymdownx's attribute

        def on_create(self, parent: ET.Element) -> ET.Element:
            figure: ET.Element = super().on_create(parent)
            if self.options["layout"]:
                figure.set("class", f"{figure.get('class', '')} {self.options['layout']}".strip())
            return figure

    return WithLayout
