"""A figure as text: its caption, its picture or the numbers that it shows, and where the data are."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from lxml import etree
from lxml.html import builder

from lensdoc.publish.markup.tree import classes

MOST_ROWS = 40
"""Rows of numbers in a page; all are in the file that it names."""
Numbers = Callable[[str], str | None]
"""The text of a table (CSV) by its address on the page; None where there is none."""
_DATA = ".//p[contains(concat(' ', @class, ' '), ' ld-links ')]//a[@download]"
_READABLE = {"lens-image", "lens-math", "lens-plot", "lens-table"}
"""Elements of ours whose content is a picture, a formula or a table as it stands."""


def plain_figure(figure: Any, numbers: Numbers) -> Any:  # noqa: ANN401 - an element of lxml
    """The figure as a block of text elements.

    Args:
        figure: A figure of ours on a rendered page, its footer in place.
        numbers: Reads the tables that footers name.
    """
    links = figure.xpath(_DATA)
    addresses = [link.get("href", "") for link in links]
    block = builder.DIV(*_caption(figure))
    if _is_drawn(figure):
        block.extend(_numbers([address for address in addresses if address.endswith(".csv")], numbers))
    else:
        for dark in figure.xpath(".//lens-image/img[position() > 1]"):
            dark.drop_tree()
        block.extend(figure)
    if links:
        named = [part for link in links for part in (", ", builder.A(link.text_content(), href=link.get("href", "")))]
        block.append(builder.P("Data: ", *named[1:]))
    return block


def _is_drawn(figure: Any) -> bool:  # noqa: ANN401 - an element of lxml
    return any(part.tag.startswith("lens-") and part.tag not in _READABLE for part in figure.iter(etree.Element))


def _caption(figure: Any) -> Iterator[Any]:  # noqa: ANN401 - an element of lxml
    for caption in list(figure.findall("figcaption")):
        caption.tag = "p" if not len(caption) or caption[0].tag != "p" else "div"
        yield caption


def _numbers(addresses: list[str], numbers: Numbers) -> Iterator[Any]:
    for address in addresses:
        text = numbers(address)
        if text is None:
            continue
        heads, *rows = list(islice(csv.reader(io.StringIO(text)), MOST_ROWS + 1))
        head = builder.THEAD(builder.TR(*map(builder.TH, heads)))
        yield builder.TABLE(head, builder.TBODY(*(builder.TR(*map(builder.TD, map(_visible, row))) for row in rows)))
        count = sum(1 for _ in csv.reader(io.StringIO(text))) - 1
        if count > len(rows):
            yield builder.P(f"Rows 1 to {len(rows)} of {count:,}; all are in ", builder.A(address, href=address), ".")


def _visible(text: str) -> str:
    """White space of tokens would end a cell, or be lost."""
    return text.replace("\n", "⏎").replace("\r", "␍").replace("\t", "⇥")


def is_ours(figure: Any) -> bool:  # noqa: ANN401 - an element of lxml
    """Whether a figure shows a record, or a table made of some."""
    return "ld" in classes(figure)
