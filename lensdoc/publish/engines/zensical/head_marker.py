"""Carries what belongs into the head of a page through Zensical, which has no event for it, to `lensdoc assets`.

The extension ends each page with an element that holds what its tags say, as data. An author's HTML may look the same, so only
the last such element of a page counts, every page has one, and nothing in it can become more than `meta` elements and JSON-LD.
"""

from __future__ import annotations

import json
from urllib.parse import quote, unquote

from lxml import etree

from lensdoc.explorables.elements import Element, element
from lensdoc.publish.article.citing import Published
from lensdoc.publish.article.tags import as_html, described
from lensdoc.publish.markup.tree import classes

_CLASS = "ld-head"
_TAGS = "data-tags"
"""The attribute with the data: JSON, percent-encoded, so that nothing in it looks like HTML to what reads the page."""


def marker(published: Published | None) -> Element:
    """The element for the end of a page; without an article it holds nothing."""
    text = quote(json.dumps(described(published))) if published else ""
    return element("div", {"class": _CLASS, "hidden": "", _TAGS: text})


def marked(tree: etree.ElementBase) -> str | None:
    """The tags for the head of a page; None for a page that our extension did not render, or whose element is not ours."""
    found = [div for div in tree.iter("div") if _CLASS in classes(div) and _TAGS in div.attrib]
    if not found:
        return None
    text = unquote(found[-1].get(_TAGS))
    try:
        return as_html(json.loads(text)) if text else ""
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
