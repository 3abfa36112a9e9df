"""HTML as a tree: text is a text node and cannot become markup."""

from __future__ import annotations

from xml.etree import ElementTree as ET

Element = ET.Element
Content = Element | str
_QUOTE = '"'
_RAW = {"script", "style"}
"""Elements whose text has no entities."""
_VOID = set("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905 - words
"""Elements that have no content and no end tag."""


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
    """The HTML of a tree: elements without content as HTML writes them, and no `<` of a text or an attribute left as it is.

    `ElementTree` leaves it in attributes, where browsers take it for text and tools that look for tags do not.
    """
    parts: list[str] = []
    _write(tree, parts)
    return "".join(parts)


def _write(tree: Element, parts: list[str]) -> None:
    given = "".join(f' {name}="{_escaped(value).replace(_QUOTE, "&quot;")}"' for name, value in tree.items())
    parts.append(f"<{tree.tag}{given}>")
    if tree.text:
        parts.append(tree.text if tree.tag in _RAW else _escaped(tree.text))
    for child in tree:
        _write(child, parts)
    if tree.tag not in _VOID:
        parts.append(f"</{tree.tag}>")
    if tree.tail:
        parts.append(_escaped(tree.tail))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
