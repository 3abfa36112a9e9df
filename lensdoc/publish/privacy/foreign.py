"""What a page would load from other hosts: found in its HTML and in the style sheets of the site."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from lensdoc.publish.markup.tree import read_tree

_FOREIGN = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
_LOADED_LINKS = {"stylesheet", "icon", "apple-touch-icon", "manifest", "preload", "modulepreload", "prefetch"}
_LOADED_LINKS |= {"preconnect", "dns-prefetch"}
_SOURCES = {"src", "poster", "data", "background"}
_DRAWN = {"image", "use", "feimage"}
_HAVE_SOURCES = " or ".join(f"@{name}" for name in sorted({*_SOURCES, "srcset", "imagesrcset"}))
_NODES = etree.XPath(
    f"//*[{_HAVE_SOURCES} or contains(@style, '(') or contains(@style, '@')]|//link|//meta|//style"
    "|//*[contains('|image|use|feimage|', concat('|', name(), '|')) or contains(name(), ':')]"
)
"""Elements that may load something: few of a page's many."""
_IN_STYLE = re.compile(r"(?:url\(\s*|@import\s+(?!url))[\"']?([^\"')\s;]+)", re.IGNORECASE)


def foreign_in_page(text: str, own: str = "") -> list[str]:
    """Addresses of other hosts that a browser would load with a page, each once. Links that a reader may follow are none.

    Args:
        text: The page as HTML.
        own: The address of the site, below which nothing is foreign.
    """
    return _foreign(_addresses(text), own) if text.strip() else []


def foreign_in_style(text: str, own: str = "") -> list[str]:
    """Addresses of other hosts that a style sheet would load, each once."""
    return _foreign(_IN_STYLE.findall(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)), own)


def _foreign(addresses: Iterator[str] | list[str], own: str) -> list[str]:
    found = (address.strip() for address in addresses if _FOREIGN.match(address))
    return list(dict.fromkeys(address for address in found if not own or not address.startswith(own)))


def _addresses(text: str) -> Iterator[str]:
    for node in _NODES(read_tree(text)):
        tag, given = node.tag.lower().rpartition(":")[2], node.attrib
        yield from (given[name] for name in _SOURCES & set(given))
        for candidate in given.get("srcset", given.get("imagesrcset", "")).split(","):
            yield candidate.split()[0] if candidate.split() else ""
        if tag in _DRAWN or (tag == "link" and _LOADED_LINKS & set(given.get("rel", "").lower().split())):
            yield given.get("href", given.get("xlink:href", ""))
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            yield given.get("content", "").partition("=")[2]
        yield from _IN_STYLE.findall(given.get("style", ""))
        if tag == "style":
            yield from _IN_STYLE.findall(node.text or "")
