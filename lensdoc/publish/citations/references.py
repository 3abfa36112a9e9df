"""The list of references: where it stands, its entries, and the links back to every citing place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from markdown.util import AtomicString
from pymdownx.blocks.block import Block

from lensdoc.publish.citations.inlines import LABEL, Elements, Inline, text_of


class ReferencesBlock(Block):
    """`/// references`: the list stands here, below what the block holds, and not at the end of the page."""

    NAME = "references"
    ARGUMENT = False
    OPTIONS: dict[str, Any] = {}  # noqa: RUF012 - pymdownx's attribute
    CLASS = "ld-references"

    def on_create(self, parent: ET.Element) -> ET.Element:
        """An empty place for the list."""
        return ET.SubElement(parent, "div", {"class": self.CLASS})


def places_of_lists(root: ET.Element) -> list[ET.Element]:
    """The places that blocks make for the list."""
    return [element for element in root.iter("div") if ReferencesBlock.CLASS in (element.get("class") or "").split()]


def add_list(root: ET.Element) -> ET.Element:
    """Make the place for the list at the end of the page, under a heading."""
    heading = ET.SubElement(root, "h2", {"id": "references"})
    heading.text = "References"
    return ET.SubElement(root, "div", {"class": ReferencesBlock.CLASS})


def anchor(key: str) -> str:
    """A key as part of an id: what is no letter, digit, point, colon, dash or underscore becomes its number."""
    return re.sub(r"[^A-Za-z0-9_.:-]", lambda found: f"_{ord(found[0]):x}_", key)


def fill(place: ET.Element, entries: Sequence[tuple[str, Sequence[Inline]]], places: Mapping[str, Sequence[str]]) -> None:
    """Write the list.

    Args:
        place: The element that holds it.
        entries: The works that the page cites, in the order of the list: key and reference.
        places: The ids of the citing places of each key.
    """
    # A search finds an article by its text, not by the titles of all that it cites.
    shown = ET.SubElement(place, "ol", {"class": "ld ld-works", "role": "list", "data-search-exclude": ""})
    elements = Elements(lambda _: None)
    for n, (key, entry) in enumerate(entries, 1):
        number, content = split_number(entry, n)
        item = ET.SubElement(shown, "li", {"id": f"ref-{anchor(key)}"})
        if number:
            label = ET.SubElement(item, "span", {"class": "ld-order"})
            label.text, label.tail = AtomicString(number), " "
        written = ET.SubElement(item, "span", {"class": "ld-work"})
        elements.append(written, content)
        written.tail = " "
        if places.get(key):
            item.append(_places(places[key]))


def split_number(entry: Sequence[Inline], number: int) -> tuple[str, list[Inline]]:
    """The number or label that begins a reference, and the rest."""
    first, *rest = entry or [{"t": "Str", "c": ""}]
    if first["t"] == "Span" and LABEL in first["c"][0][1]:
        return text_of([first]).strip(), rest
    if first["t"] == "Str" and re.fullmatch(rf"[\[(]?{number}[\])]?\.?", first["c"]) and rest and rest[0]["t"] == "Space":
        return str(first["c"]), rest[1:]
    return "", list(entry)


def letters(number: int) -> str:
    """a, b, ... z, aa, ab: the number-th, from 0 on."""
    return (letters(number // 26 - 1) if number >= 26 else "") + "abcdefghijklmnopqrstuvwxyz"[number % 26]  # noqa: PLR2004 - letters


def _places(names: Sequence[str]) -> ET.Element:
    back = ET.Element("span", {"class": "ld-places"})
    back.text = "Cited in "
    for n, name in enumerate(names):
        link = ET.SubElement(back, "a", {"href": f"#{name}", "aria-label": f"{letters(n)}, citing place {n + 1} of {len(names)}"})
        link.text = letters(n)
        link.tail = " "
    back[-1].tail = None
    return back
