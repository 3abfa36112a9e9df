"""An SVG as a picture that a page may show: what draws stays, what would load or run something is refused.

A page shows it as an image, where browsers run and load nothing; who opens the file itself has no such protection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from lensdoc.core.errors import DataError
from lensdoc.own.svg_names import ATTRIBUTES, ELEMENTS, FUNCTIONS, SILENT, TEXTS, UNWRAPPED

NAMESPACE = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_LOCAL_URL = re.compile(r"url\(\s*[\"']?#([^\"')\s]+)[\"']?\s*\)")
_FUNCTION = re.compile(r"([\w-]+)\s*\(")
_UNSAFE = re.compile(r"[@\\<]|javascript:|/\*", re.IGNORECASE)
"""Rules that load style sheets or fonts, escapes that hide a word, comments that part one."""
_PIXELS = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
_LENGTH = re.compile(r"\s*(\d*\.?\d+(?:e[+-]?\d+)?)\s*(px|pt|pc|in|cm|mm|q)?\s*", re.IGNORECASE)
_UNITS = {"px": 1, "pt": 4 / 3, "pc": 16, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4, "q": 96 / 101.6}
"""CSS pixels of a unit."""
_LARGEST_SIDE = 20_000


@dataclass(frozen=True)
class Svg:
    """A picture that is safe to show, with its size in CSS pixels."""

    text: str
    width: float
    height: float


def clean_svg(content: bytes, where: str) -> Svg:
    """The SVG without what draws nothing: comments, metadata, foreign namespaces, unknown attributes; with ids `s1`, `s2`.

    The same SVG gives the same text, so that libraries which name parts at random change no hash.

    Args:
        content: The SVG as a file.
        where: Begins the messages: a path, or which drawing it is.

    Raises:
        DataError: It is no SVG, has no size, or holds what would load or run something; the message names element and line.
    """
    root = _parsed(content, where)
    found = (node for node in root.iter(etree.Element) if node.get("id") and _name(node))
    ids = {given: f"s{number}" for number, given in enumerate(dict.fromkeys(node.get("id") for node in found), 1)}
    styled = any("." in (node.text or "") for node in root.iter(etree.Element) if _name(node) == "style")
    made = _Cleaning(where, ids, styled).element(root)
    width, height = _size(root, where)
    made.attrib.update({"width": f"{width:g}", "height": f"{height:g}"})
    if "viewBox" not in made.attrib:
        made.set("viewBox", f"0 0 {width:g} {height:g}")
    return Svg(etree.tostring(made, encoding="unicode") + "\n", width, height)


def _parsed(content: bytes, where: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise DataError(f"{where}: is no SVG that can be read: {error}") from None
    if _name(root) != "svg":
        raise DataError(f"{where}: is no SVG: its outermost element is <{etree.QName(root).localname}>")
    for entity in root.iter(etree.Entity):
        raise DataError(f"{where}: has an entity, {entity.text}, which a page may not show; write the text itself")
    return root


def _name(node: etree._Element) -> str:
    """The name of an element of SVG, with its namespace or without any; empty for others."""
    name = etree.QName(node)
    return str(name.localname) if name.namespace in (None, NAMESPACE) else ""


@dataclass(frozen=True)
class _Cleaning:
    where: str
    ids: Mapping[str, str]
    styled: bool
    """Whether rules of its own may name classes; Plotly has some that are made up at random."""

    def element(self, node: etree._Element) -> etree._Element:
        """The element with what is allowed of its attributes and content."""
        name = _name(node)
        made = etree.Element("g" if name in UNWRAPPED else name, nsmap={None: NAMESPACE} if name == "svg" else None)
        made.tag = f"{{{NAMESPACE}}}{etree.QName(made).localname}"
        made.attrib.update(self._attributes(node))
        if name in TEXTS:
            made.text = self._style(node) if name == "style" else node.text
        for child in node:
            if self._stays(child):
                new = self.element(child)
                new.tail = child.tail if name in TEXTS else None
                made.append(new)
            elif name in TEXTS and child.tail:
                _append_text(made, child.tail)
        return made

    def _stays(self, node: etree._Element) -> bool:
        """Whether an element draws; one that could run or load something is refused."""
        if not isinstance(node.tag, str):
            return False
        name = _name(node)
        if name in ELEMENTS | UNWRAPPED:
            return True
        local = etree.QName(node).localname
        if name in SILENT or (not name and local.lower() not in {"script", "iframe", "object", "embed", "html", "body"}):
            return False
        raise self._refusal(node, f"an element <{local}>")

    def _attributes(self, node: etree._Element) -> dict[str, str]:
        kept: dict[str, str] = {}
        for name, value in node.attrib.items():
            if name.lower().startswith("on"):
                raise self._refusal(node, f"a script, {name}={value[:40]!r}")
            if name in ("href", _XLINK) and _name(node) not in UNWRAPPED:
                kept["href"] = self._reference(node, value)
            elif name == "id":
                kept["id"] = self.ids[value] if value else ""
            elif name == _SPACE and value in ("preserve", "default"):
                kept[name] = value
            elif name in ATTRIBUTES and (name != "class" or self.styled):
                kept[name] = self._css(node, value)
        return {name: value for name, value in kept.items() if value}

    def _reference(self, node: etree._Element, value: str) -> str:
        """What an image or a use shows: pixels within the file, or a part of it."""
        value = value.strip()
        if value.startswith("#"):
            return f"#{self.ids.get(value[1:], 'none')}"
        if _name(node) == "image" and _PIXELS.fullmatch(value):
            return value
        raise self._refusal(node, f"something that would be loaded, {value[:60]!r}")

    def _style(self, node: etree._Element) -> str:
        return re.sub(
            r"#([\w-]+)(?=[^{}]*\{)", lambda found: f"#{self.ids.get(found[1], 'none')}", self._css(node, node.text or "")
        )

    def _css(self, node: etree._Element, text: str) -> str:
        """A value or rules of CSS that name nothing outside of the file."""
        rest = _LOCAL_URL.sub("", text)
        unknown = next((name for name in _FUNCTION.findall(rest) if name.lower() not in FUNCTIONS), None)
        if unknown or _UNSAFE.search(rest):
            found = unknown and f"{unknown}(...)"
            raise self._refusal(node, f"a style that could load something, {found or rest.strip()[:60]!r}")
        return _LOCAL_URL.sub(lambda found: f"url(#{self.ids.get(found[1], 'none')})", text)

    def _refusal(self, node: etree._Element, what: str) -> DataError:
        local = etree.QName(node).localname
        at = f"in <{local}>, line {node.sourceline}" if not what.startswith("an element") else f"in line {node.sourceline}"
        return DataError(f"{self.where}: has {what}, {at}; a picture on a page loads and runs nothing: take it out of the SVG")


def _append_text(made: etree._Element, text: str) -> None:
    if len(made):
        made[-1].tail = (made[-1].tail or "") + text
    else:
        made.text = (made.text or "") + text


def _size(root: etree._Element, where: str) -> tuple[float, float]:
    """Width and height in CSS pixels: those that the file says, else those of its view box."""
    said = [_LENGTH.fullmatch(root.get(name, "")) for name in ("width", "height")]
    if all(said):
        sides = [float(found[1]) * _UNITS[(found[2] or "px").lower()] for found in said if found]
    else:
        box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
        try:
            sides = [float(side) for side in box[2:4]]
        except ValueError:
            sides = []
    if len(sides) != 2 or not all(0 < side <= _LARGEST_SIDE for side in sides):  # noqa: PLR2004 - width and height
        cure = f"give its <svg> width and height, or a viewBox, of at most {_LARGEST_SIDE:,} pixels"
        raise DataError(f"{where}: says no size that a page can show; {cure}")
    return round(sides[0], 2), round(sides[1], 2)
