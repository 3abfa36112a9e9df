"""The list of references: where it stands, its entries, and the links back to every citing place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from pymdownx.blocks.block import Block

from lensdoc.publish.citations.marks import DOI, append
from lensdoc.publish.citations.style import References, letters, split_number
from lensdoc.publish.citations.works import address

_RESOLVER = re.compile(rf"(https?://(?:dx\.)?doi\.org/){DOI}")


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


def fill(place: ET.Element, references: References, places: Mapping[str, Sequence[str]]) -> None:
    """Write the list.

    Args:
        place: The element that holds it.
        references: The works that the page cites.
        places: The ids of the citing places of each key.
    """
    # A search finds an article by its text, not by the titles of all that it cites.
    shown = ET.SubElement(place, "ol", {"class": "ld ld-works", "role": "list", "data-search-exclude": ""})
    for key, entry in zip(references.order(), references.entries(), strict=True):
        number, text = split_number(entry)
        item = ET.SubElement(shown, "li", {"id": f"ref-{anchor(key)}"})
        if number:
            label = ET.SubElement(item, "span", {"class": "ld-order"})
            label.text, label.tail = number, " "
        written = ET.SubElement(item, "span", {"class": "ld-work"})
        written.tail = " "
        append(written, _RESOLVER.sub(rf"{DOI}\1", text), _link, [])
        if places[key]:
            item.append(_places(places[key]))


def _link(mark: str, inside: str) -> ET.Element:
    bare = re.sub(r"^https?://(?:dx\.)?doi\.org/", "", inside) if mark == DOI else inside
    link = ET.Element("a", {"href": address(mark, bare)})
    if inside == bare and mark == DOI:
        link.set("class", "ld-doi")  # paper shows the whole address
    return link


def _places(names: Sequence[str]) -> ET.Element:
    back = ET.Element("span", {"class": "ld-places"})
    back.text = "Cited in "
    for n, name in enumerate(names):
        link = ET.SubElement(back, "a", {"href": f"#{name}", "aria-label": f"{letters(n)}, citing place {n + 1} of {len(names)}"})
        link.text = letters(n)
        link.tail = " "
    back[-1].tail = None
    return back
