"""HTML of notebooks as what only shows: nh3 keeps a short list of elements and attributes."""

from __future__ import annotations

import re
from collections.abc import Callable

import nh3
from lxml import etree

from lensdoc.explorables.elements import to_html
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
_ADDRESS = re.compile(r"(?:https?://|mailto:|#).*", re.IGNORECASE | re.DOTALL)
"""Where links may lead: relative ones would be relative to a folder that is not on the site."""
_BESIDE = re.compile(r"[\w.~%@+-][^\x00-\x20:\\]*")
"""What may name a file beside the HTML's own: neither a scheme nor another host."""
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]+")
_COLOURED = re.compile(r"[a-z]{1,2}\d?|ansi-(?:[a-z]+-)*[a-z]+")
"""Classes of highlighted code and of coloured terminal output."""
_FORMULA = "math"
"""Class that mistune gives to formulas."""
_NUMBER = re.compile(r"\d{1,4}")
_WORDS = re.compile(r"[^\x00-\x1f]*")
_VALUES: dict[str, dict[str, re.Pattern[str]]] = {
    "a": {"href": _ADDRESS, "title": _WORDS},
    "abbr": {"title": _WORDS},
    "div": {"class": re.compile(_FORMULA)},
    "img": {"src": _IMAGE, "alt": _WORDS, "title": _WORDS, "width": _NUMBER, "height": _NUMBER},
    "ol": {"start": _NUMBER},
    "span": {"class": _WORDS},
    "td": {"colspan": _NUMBER, "rowspan": _NUMBER},
    "th": {"colspan": _NUMBER, "rowspan": _NUMBER, "scope": re.compile("row|col|rowgroup|colgroup")},
}
"""Attributes that stay, with what their values must match."""
_ATTRIBUTES = {tag: set(values) for tag, values in _VALUES.items()}
_FILES = {"a": "href", "img": "src"}
"""Elements that may name a file beside the HTML's own, and the attribute that does."""
_SCHEMES = {"http", "https", "mailto", "data"}
_DELIMITERS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_NUMBERED = re.compile(r"\\(begin|end)\{(equation|align|alignat|gather)\}")
_UNNUMBERED = r"\\\1{\2*}"
"""KaTeX would give each line of these environments the number 1."""
_DEEPEST = 60
"""Elements inside one another; what lies deeper becomes text."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
_UNWRAPPED = "ld-unwrapped"
"""Name of elements of which the content stays, until it replaces them."""

Beside = Callable[[str], str | None]
Heading = Callable[[etree.ElementBase], None]


def parse(html: str) -> etree.ElementBase:
    """The tree that lxml makes of HTML: a `div` that holds another with the content. Control characters become U+FFFD."""
    parser = etree.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    found = etree.fromstring(f"<div>{_CONTROL.sub(_REPLACEMENT, html)}</div>", parser).find("body")
    found.tag = "div"
    return found


def sanitized(html: str, *, heading: Heading | None = None, beside: Beside | None = None) -> etree.ElementBase:
    """A `div` with the content of untrusted HTML.

    No script, style, form, frame or event handler stays, no id or class that could pass for one of the page, no address but
    those of the web and of mail, no image but those inside the HTML itself. Text stays text.

    nh3 decides what stays. Before, deep trees are made flat: reading as browsers do, nh3 takes 1 s for 20,000 elements inside one
    another, and four times as long for twice as many. Afterwards, links and images without address leave their text.

    Args:
        html: Anything.
        heading: Receives each heading; without it headings become paragraphs, and the outline of the page is left alone.
        beside: Gives the address of a file beside the HTML's own; without it there are no such files.
    """
    found = parse(cleaned(to_html(_flat(parse(html)))))[0][0]
    for element in list(found.iter("a", "img", "div", "span", *_HEADINGS)):
        _finish(element, beside, keeps_headings=heading is not None)
    etree.strip_tags(found, _UNWRAPPED)
    if heading:
        for element in list(found.iter(*_HEADINGS)):
            heading(element)
    return found


def cleaned(html: str) -> str:
    """What nh3 keeps of HTML whose elements do not lie deep inside one another; addresses of files are not looked up yet."""
    return nh3.clean(
        html,
        tags=_SHOWN,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        attribute_filter=_value,
        url_schemes=_SCHEMES,
        link_rel=None,
    )


def _value(tag: str, name: str, value: str) -> str | None:
    """What an attribute may say; None where it goes. Must not raise: nh3 keeps the attribute then, with a message."""
    pattern = _VALUES.get(tag, {}).get(name)
    if pattern is None:
        return None
    if tag == "span" and value != _FORMULA:
        return " ".join(filter(_COLOURED.fullmatch, value.split())) or None
    return value if pattern.fullmatch(value) or (_FILES.get(tag) == name and _BESIDE.fullmatch(value)) else None


def _flat(tree: etree.ElementBase) -> etree.ElementBase:
    """The tree without what nobody reads; below its deepest elements only text."""
    etree.strip_elements(tree, *_DROPPED, with_tail=False)
    level = [tree]
    for _ in range(_DEEPEST):
        level = [child for element in level for child in element]
    for element in level:
        text = "".join(element.itertext())
        del element[:]
        element.text = text
    return tree


def _finish(element: etree.ElementBase, beside: Beside | None, *, keeps_headings: bool) -> None:
    """Make an element that nh3 kept into what the page has."""
    tag = element.tag
    if name := _FILES.get(tag):
        _find_file(element, name, beside)
    elif element.get("class") == _FORMULA:
        _to_formula(element)
    elif tag in _HEADINGS and not keeps_headings:
        element.tag = "p"


def _find_file(element: etree.ElementBase, name: str, beside: Beside | None) -> None:
    """Give a link or an image the address of the file beside the HTML's own that it names; without one, its content stays."""
    written = element.get(name, "")
    if _BESIDE.fullmatch(written):
        found = beside(written) if beside else None
        element.attrib.update({name: found} if found else {})
        written = found
    if element.tag == "img":
        element.set("alt", element.get("alt", ""))
    if not written:
        element.text, element.tag = element.get("alt", element.text), _UNWRAPPED


def _to_formula(element: etree.ElementBase) -> None:
    """Make it the element that the site's script draws with KaTeX; its content is text, whatever was in it."""
    text = "".join(element.itertext()).strip()
    bare = next((text[len(a) : -len(b)] for a, b in _DELIMITERS if text.startswith(a) and text.endswith(b)), text).strip()
    begin, end = ("\\[", "\\]") if element.tag == "div" else ("\\(", "\\)")
    element.clear(keep_tail=True)
    element.tag, element.text = MATH, f"{begin}{_NUMBERED.sub(_UNNUMBERED, bare)}{end}"
