"""What a reader opens is made when it is opened: until then a page carries it as text, without style and layout."""

from __future__ import annotations

from collections.abc import Iterator

from lensdoc.explorables.elements import Element, element

_DETAILS = "ld-details"
LATER = "ld-later"
"""Class of what scripts open: without scripts it is a part of the page like any other."""


def later(tree: Element) -> Element:
    """The tree with each of its disclosures (a table, say) set aside for scripts to open.

    Browsers that run scripts read `noscript` as one text; all others, and programs that read pages, see what is in it.
    """
    for parent, child in list(_disclosures(tree)):
        place = list(parent).index(child)
        parent.remove(child)
        aside = set_aside(child)
        aside.tail, child.tail = child.tail, None
        parent.insert(place, aside)
    return tree


def set_aside(details: Element) -> Element:
    """A disclosure that only pages without scripts show as it is."""
    return element("noscript", {"class": LATER}, details)


def _disclosures(tree: Element) -> Iterator[tuple[Element, Element]]:
    for child in tree:
        if child.tag == "details" and _DETAILS in child.get("class", "").split():
            yield tree, child
        else:
            yield from _disclosures(child)
