"""Files of records that a figure shows: where it names one, who places the figure says its address."""

from __future__ import annotations

import base64
from collections.abc import Callable

from lensdoc.explorables.elements import Element
from lensdoc.records.record import Record

FILE = "data-file"
"""Attribute of an image that names the file by its suffix."""
PLOT = "data-plot"
"""Attribute of an element that names a specification by its suffix."""
Address = Callable[[str], str | None]
"""Suffix of a file to its address; None where it has none."""


def shows_files(tree: Element) -> bool:
    """Whether a figure shows a file of its record."""
    return any(FILE in image.attrib for image in tree.iter("img"))


def with_addresses(tree: Element, address: Address) -> Element:
    """The figure with the addresses of its files; an image without one shows its text."""
    for image in tree.iter("img"):
        if suffix := image.attrib.pop(FILE, None):
            found = address(suffix)
            image.attrib.update({"src": found} if found else {})
    return tree


def inline(record: Record) -> Address:
    """Addresses that hold the files themselves, where the record holds them: for notebooks."""

    def address(suffix: str) -> str | None:
        content = record.held_files().get(suffix)
        if content is None:
            return None
        return f"data:{record.files[suffix].media_type};base64,{base64.b64encode(content).decode()}"

    return address
