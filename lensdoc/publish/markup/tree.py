"""Rendered HTML as the tree that lxml makes of it: to be looked through, or to be written anew.

What must stay byte for byte is changed at the places that `tags` gives.
"""

from __future__ import annotations

from lxml import etree
from lxml import html as lxml_html


def read_tree(html: str) -> etree.ElementBase:
    """The tree of a page or of part of one; always with `html` and `body`."""
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True)  # not kept: a parser holds the names of all it has read
    tree = lxml_html.document_fromstring(html.encode(errors="replace") or b"<body>", parser=parser)
    if tree.find("body") is None:
        tree.append(tree.makeelement("body"))
    return tree


def classes(element: etree.ElementBase) -> list[str]:
    """The classes of an element."""
    return str(element.get("class", "")).split()
