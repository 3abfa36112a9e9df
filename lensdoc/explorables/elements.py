"""HTML as a tree: text is a text node and cannot become markup."""

from __future__ import annotations

from xml.etree import ElementTree as ET

Element = ET.Element
Content = Element | str


def element(tag: str, attributes: dict[str, str | None] | None = None, *content: Content) -> Element:
    """An element with its attributes (None leaves one out) and its content in order."""
    made = ET.Element(tag, {k: v for k, v in (attributes or {}).items() if v is not None})
    last: Element | None = None
    for item in content:
        if isinstance(item, Element):
            made.append(item)
            last = item
        elif last is None:
            made.text = (made.text or "") + item
        else:
            last.tail = (last.tail or "") + item
    return made


def to_html(tree: Element) -> str:
    """The HTML of a tree, with empty elements closed as HTML wants it."""
    return ET.tostring(tree, encoding="unicode", method="html")
