"""What a caption belongs to: pymdownx puts whatever stands above a caption block into its figure, without a word."""

from __future__ import annotations

from xml.etree import ElementTree as ET

_BLOCK = "__figure_type"
"""Where pymdownx keeps the name of the caption block."""
_TEXT = {"p", "em", "strong", "a", "code", "span", "br", "sub", "sup", "del", "mark", *(f"h{level}" for level in range(1, 7))}
"""What shows words only."""


def set_free(root: ET.Element) -> None:
    """Put figures that a second caption has swallowed back before it: each keeps its own caption and number."""
    for parent in list(root.iter()):
        for figure in [child for child in parent if _BLOCK in child.attrib]:
            for inner in [child for child in figure if child.tag == "figure"]:
                figure.remove(inner)
                parent.insert(list(parent).index(figure), inner)


def take_blocks(root: ET.Element) -> dict[ET.Element, str]:
    """The name of the block of each caption. pymdownx counts its own figures only, so it is kept from numbering any."""
    return {figure: figure.attrib.pop(_BLOCK) for figure in root.iter("figure") if _BLOCK in figure.attrib}


def why_nothing_shown(figure: ET.Element) -> str | None:
    """What is wrong with that to which a caption belongs; None where there is something to show."""
    shown = [child for child in figure if child.tag != "figcaption"]
    if not shown and not (figure.text or "").strip():
        return "has a caption and nothing above it, or what has a caption already; give each figure one"
    words = [element for child in shown for element in child.iter()]
    if shown and shown[0].tag in _TEXT and all(_is_text(element) for element in words):
        text = " ".join("".join(shown[0].itertext()).split())
        return f"is the text {text[:40]!r}; put the caption directly below an image, a table or other content"
    return None


def _is_text(element: ET.Element) -> bool:
    # Raw HTML stands as a placeholder in the text, and may be anything.
    return element.tag in _TEXT and "\x02" not in f"{element.text}{element.tail}"
