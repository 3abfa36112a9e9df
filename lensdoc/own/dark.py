"""A picture for dark pages, made of the one for light pages: what is grey or nearly so changes its lightness, colours stay."""

from __future__ import annotations

import re

from lxml import etree

_COLOURED = ("fill", "stroke", "stop-color", "flood-color", "color", "style")
_INK, _PAPER = 235, 30
"""Grey of 0 to 255 that black becomes, and that white becomes."""
_PALEST = 60
"""Largest difference of red, green and blue in what counts as grey, of 255: Plotly writes text in a grey of 53."""
_NAMED = {"black": 0, "dimgray": 105, "gray": 128, "darkgray": 169, "silver": 192, "lightgray": 211, "gainsboro": 220}
_NAMED |= {"whitesmoke": 245, "white": 255, "dimgrey": 105, "grey": 128, "darkgrey": 169, "lightgrey": 211}
_COLOUR = re.compile(
    r"#(?P<hex>[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b"
    r"|rgba?\((?P<parts>[^()]*)\)"
    rf"|(?<![\w#-])(?P<name>{'|'.join(sorted(_NAMED, key=len, reverse=True))})(?![\w-])",
    re.IGNORECASE,
)


def dark_svg(text: str) -> str | None:
    """The SVG for dark pages; None where pixels in it have greys of their own, which would no longer fit their legend.

    Args:
        text: A clean SVG.
    """
    root = etree.fromstring(text.encode())
    nodes = list(root.iter(etree.Element))
    if any(etree.QName(node).localname == "image" for node in nodes):
        return None
    for node in nodes:
        for name in _COLOURED:
            if name in node.attrib:
                node.set(name, _mirrored(node.get(name)))
        if etree.QName(node).localname == "style":
            node.text = _mirrored(node.text or "")
    for name in ("fill", "color"):  # what says no colour is black
        if name not in root.attrib:
            root.set(name, _shifted([0, 0, 0]))
    return f"{etree.tostring(root, encoding='unicode')}\n"


def _mirrored(text: str) -> str:
    return _COLOUR.sub(_replaced, text)


def _replaced(found: re.Match[str]) -> str:
    if found["name"]:
        return _shifted([_NAMED[found["name"].lower()]] * 3)
    if found["hex"]:
        digits = found["hex"] if len(found["hex"]) > 4 else "".join(2 * digit for digit in found["hex"])  # noqa: PLR2004
        parts = [int(digits[place : place + 2], 16) for place in (0, 2, 4)]
        return _shifted(parts) + digits[6:] if _is_pale(parts) else found[0]
    said = [part for part in re.split(r"[\s,/]+", found["parts"].strip()) if part]
    try:
        parts = [round(float(part.rstrip("%")) * (2.55 if part.endswith("%") else 1)) for part in said[:3]]
    except ValueError:
        return found[0]
    if len(parts) < 3 or not _is_pale(parts):  # noqa: PLR2004 - red, green, blue
        return found[0]
    opacity = f"{round(255 * _share(said[3])):02x}" if said[3:] else ""
    return _shifted(parts) + opacity


def _share(text: str) -> float:
    return float(text.rstrip("%")) / (100 if text.endswith("%") else 1)


def _is_pale(parts: list[int]) -> bool:
    return max(parts) - min(parts) <= _PALEST


def _shifted(parts: list[int]) -> str:
    """The colour as light as its counterpart, with its own hue."""
    grey = sum(parts) / 3
    by = _mirror(grey) - grey
    return "#" + "".join(f"{min(255, max(0, round(part + by))):02x}" for part in parts)


def _mirror(grey: float) -> float:
    return _INK + (_PAPER - _INK) * grey / 255
