"""What a reader opens or comes to is made then: until that a page carries it as text, without style and layout."""

from __future__ import annotations

from collections.abc import Iterator

from lensdoc.explorables.elements import Element, element

_DETAILS = "ld-details"
LATER = "ld-later"
"""Class of what scripts open: without scripts it is a part of the page like any other."""
WAITS = "ld-waits"
"""Class of what scripts make when the view comes near it."""
_HEAVY = 12
"""A part of a drawing with more elements waits; lighter ones cost less than what has to be kept of them."""


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


def waiting(tree: Element) -> Element:
    """The tree of a figure far down a page: each heavy part of the drawing is set aside until the view comes near it.

    A part that holds a disclosure is left as it is, since browsers end a `noscript` where one in it ends.
    """
    for place, child in enumerate(list(tree)):
        tags = [part.tag for part in child.iter()]
        if child.tag not in ("noscript", "template") and len(tags) > _HEAVY and "noscript" not in tags:
            tree.remove(child)
            aside = element("noscript", {"class": WAITS}, child)
            aside.tail, child.tail = child.tail, None
            tree.insert(place, aside)
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
