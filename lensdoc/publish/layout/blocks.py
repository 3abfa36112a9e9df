"""The blocks `/// aside`, `/// hero` and `/// columns`."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from pymdownx.blocks.block import Block

from lensdoc.publish.layout.opening import HERO


class AsideBlock(Block):
    """A note beside the text where there is room, a box in it where there is none."""

    NAME = "aside"
    ARGUMENT = False
    OPTIONS: dict[str, Any] = {}  # noqa: RUF012 - pymdownx's attribute

    def on_create(self, parent: ET.Element) -> ET.Element:
        """The element of the note."""
        return ET.SubElement(parent, "aside", {"class": "ld-aside", "role": "note"})


class HeroBlock(Block):
    """A band over the whole page, for what opens it: title, lead, a figure."""

    NAME = "hero"
    ARGUMENT = False
    OPTIONS: dict[str, Any] = {}  # noqa: RUF012 - pymdownx's attribute

    def on_create(self, parent: ET.Element) -> ET.Element:
        """The band, and in it what is as wide as the page."""
        band = ET.SubElement(parent, "div", {"class": HERO})
        ET.SubElement(band, "div", {"class": "ld-hero-inner"})
        return band

    def on_add(self, block: ET.Element) -> ET.Element:
        """The content goes into the inner element."""
        return block[0]


class ColumnsBlock(Block):
    """What it holds stands side by side; of a single figure the caption stands beside the rest. Phones show one column."""

    NAME = "columns"
    ARGUMENT = False
    OPTIONS: dict[str, Any] = {}  # noqa: RUF012 - pymdownx's attribute

    def on_create(self, parent: ET.Element) -> ET.Element:
        """The element around the columns."""
        return ET.SubElement(parent, "div", {"class": "ld-columns"})
