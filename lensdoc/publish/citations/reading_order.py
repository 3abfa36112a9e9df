"""The order in which a page is read: a footnote where its number first stands."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET


def in_order(root: ET.Element) -> Iterator[ET.Element]:
    """The elements of a page as they are read: a footnote where its number first stands."""
    notes = {element.get("id"): element for element in root.iter("li") if (element.get("id") or "").startswith("fn:")}
    texts = set(notes.values())
    read: set[ET.Element] = set()

    def walk(element: ET.Element) -> Iterator[ET.Element]:
        if element in read:
            return
        if element in texts:
            read.add(element)
        yield element
        if element.tag == "a" and (note := notes.get((element.get("href") or "").removeprefix("#"))) is not None:
            yield from walk(note)
        for child in element:
            yield from walk(child)

    return walk(root)
