"""HTML from outputs of notebooks, reduced to what only shows: a short list of elements and attributes, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from lxml import etree

from lensdoc.explorables.elements import Element
from lensdoc.publish.syntax.grammar import MATH

_PROSE = "p br hr div span blockquote pre code kbd samp var em strong b i s del ins small mark sub sup abbr q cite"
_LISTS = "ul ol li dl dt dd"
_TABLES = "table caption thead tbody tfoot tr th td"
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_SHOWN = _HEADINGS.union(f"{_PROSE} {_LISTS} {_TABLES} a img details summary".split())
"""Elements that stay; of the others the content stays."""
_UNREAD = (
    "audio canvas datalist embed head iframe math noembed noframes noscript object plaintext script select style svg template"
)
_DROPPED = frozenset(f"{_UNREAD} textarea title video xmp".split())
"""Elements that go with their content: it is no text to be read, or browsers read it by rules of its own."""
_ADDRESS = re.compile(r"(?:https?://|mailto:|#)", re.IGNORECASE)
"""Where links may lead: relative ones would be relative to a folder that is not on the site."""
_BESIDE = re.compile(r"[\w.~%@+-][^\x00-\x20:\\]*")
"""What may name a file beside the HTML's own: neither a scheme nor another host."""
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]+")
_COLOURED = re.compile(r"[a-z]{1,2}\d?|ansi-(?:[a-z]+-)*[a-z]+")
"""Classes of highlighted code and of coloured terminal output."""
_NUMBER = re.compile(r"\d{1,4}")
_WORDS = re.compile(r"[^\x00-\x1f]*")
_ATTRIBUTES: dict[str, dict[str, re.Pattern[str]]] = {
    "a": {"href": _ADDRESS, "title": _WORDS},
    "abbr": {"title": _WORDS},
    "img": {"src": _IMAGE, "alt": _WORDS, "title": _WORDS, "width": _NUMBER, "height": _NUMBER},
    "ol": {"start": _NUMBER},
    "td": {"colspan": _NUMBER, "rowspan": _NUMBER},
    "th": {"colspan": _NUMBER, "rowspan": _NUMBER, "scope": re.compile("row|col|rowgroup|colgroup")},
}
_DELIMITERS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_DEEPEST = 60
"""Elements inside one another; what lies deeper becomes text."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


Beside = Callable[[str], str | None]


@dataclass(frozen=True)
class _Rules:
    """What depends on where the HTML comes from."""

    heading: Callable[[Element], None] | None = None
    beside: Beside | None = None


def parse(html: str) -> etree._Element | None:
    """The tree that lxml makes of HTML; None where there is nothing. Control characters become U+FFFD."""
    parser = etree.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    text = _CONTROL.sub("\ufffd", html)
    return etree.fromstring(f"<div>{text}</div>", parser)


def sanitized(html: str, *, heading: Callable[[Element], None] | None = None, beside: Beside | None = None) -> Element:
    """A `div` with the content of untrusted HTML.

    No script, style, form, frame or event handler stays, no id or class that could pass for one of the page, no address but
    those of the web and of mail, no image but those inside the HTML itself. Text stays text.

    Args:
        html: Anything.
        heading: Receives each heading; without it headings become paragraphs, and the outline of the page is left alone.
        beside: Gives the address of a file beside the HTML's own; without it there are no such files.
    """
    tree = parse(html)
    found = ET.Element("div")
    if tree is not None:
        _copy(tree, found, 0, _Rules(heading, beside))
    return found


def contents(tree: etree._Element) -> Element:
    """A `div` with the content of an element that `parse` gave, as `sanitized` would have it."""
    found = ET.Element("div")
    _copy(tree, found, 0, _Rules())
    return found


def _copy(source: etree._Element, target: Element, depth: int, rules: _Rules) -> None:
    if depth > _DEEPEST:
        _add_text(target, "".join(text for text in source.itertext() if isinstance(text, str)))
        return
    _add_text(target, source.text)
    for child in source:
        if isinstance(child.tag, str) and child.tag not in _DROPPED:
            made = _element(child, rules)
            if made is not None:
                target.append(made)
            elif child.tag == "img":
                _add_text(target, child.get("alt"))
            _copy(child, target if made is None else made, depth + 1, rules)
            if made is not None and rules.heading and made.tag in _HEADINGS:
                rules.heading(made)
        _add_text(target, child.tail)


def _element(source: etree._Element, rules: _Rules) -> Element | None:
    """The element without its content; None where only the content may stay."""
    tag = str(source.tag)
    allowed = _ATTRIBUTES.get(tag, {})
    attributes = {name: value for name, value in source.attrib.items() if name in allowed and _fits(allowed[name], value)}
    for name in {"a": ("href",), "img": ("src",)}.get(tag, ()):
        if rules.beside and _BESIDE.fullmatch(source.get(name, "")) and (address := rules.beside(source.get(name))):
            attributes[name] = address
    if tag not in _SHOWN or (tag == "img" and "src" not in attributes) or (tag == "a" and "href" not in attributes):
        return None
    if tag == "span":
        coloured = [name for name in source.get("class", "").split() if _COLOURED.fullmatch(name)]
        attributes |= {"class": " ".join(coloured)} if coloured else {}
    if source.get("class") == "math":
        return _formula(source)
    if tag == "img":
        attributes.setdefault("alt", "")
    return ET.Element("p" if tag in _HEADINGS and not rules.heading else tag, attributes)


def _formula(source: etree._Element) -> Element:
    """The element that the site's script draws with KaTeX; its content is text, whatever was in it."""
    text = "".join(part for part in source.itertext() if isinstance(part, str)).strip()
    for child in list(source):
        source.remove(child)
    source.text = None
    bare = next((text[len(a) : -len(b)] for a, b in _DELIMITERS if text.startswith(a) and text.endswith(b)), text).strip()
    begin, end = ("\\[", "\\]") if source.tag == "div" else ("\\(", "\\)")
    formula = ET.Element(MATH)
    formula.text = f"{begin}{bare}{end}"
    return formula


def _fits(pattern: re.Pattern[str], value: str) -> bool:
    return bool(pattern.match(value) if pattern is _ADDRESS else pattern.fullmatch(value))


def _add_text(target: Element, text: str | None) -> None:
    if not text:
        return
    if len(target):
        target[-1].tail = (target[-1].tail or "") + text
    else:
        target.text = (target.text or "") + text
