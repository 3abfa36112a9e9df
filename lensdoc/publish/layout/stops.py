"""Fewer stops of the Tab key: what says the same as a link beside it is reached by pointer and touch alone."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from markdown.treeprocessors import Treeprocessor

_BLOCKS = {"table", "figcaption", "p", "li", "dd"}
"""What is read as one; of these in each other the outermost."""
_BACKLINKS = "ld-places"
_PERMALINK = "headerlink"
_VALUE = "ld-value"


class TabStops(Treeprocessor):
    """Runs when all links are there.

    A value says the run, the model and the data that it comes from. Of the values that a paragraph, a caption or a table has from
    one record the first is a stop, and none in the caption of the figure that shows the record, below which all this stands. Of
    the places that cite a work the first is one. The address of a heading is none: the contents lead there.
    """

    def run(self, root: ET.Element) -> None:
        """Take links out of the order of the Tab key."""
        for link in _repeated(root):
            link.set("tabindex", "-1")


def _repeated(root: ET.Element) -> Iterator[ET.Element]:
    for element in root.iter():
        names = element.get("class", "").split()
        if _PERMALINK in names:
            yield element
        elif _BACKLINKS in names:
            yield from list(element.iter("a"))[1:]
    own = {caption: _record(figure) for figure in root.iter("figure") for caption in figure.iter("figcaption")}
    for block in _blocks(root):
        told, shown = set(), own.get(block)
        for value in block.iter("a"):
            if value.get("class") != _VALUE:
                continue
            if value.get("href") in told or (shown and f"Data: {shown}.json," in value.get("data-from", "")):
                yield value
            told.add(value.get("href"))


def _blocks(element: ET.Element) -> Iterator[ET.Element]:
    for child in element:
        if child.tag in _BLOCKS:
            yield child
        else:
            yield from _blocks(child)


def _record(figure: ET.Element) -> str | None:
    """The record that a figure shows, as what stands below the picture names it."""
    return next((links.get("data-of") for links in figure.iter("p") if links.get("class") == "ld-links"), None)
