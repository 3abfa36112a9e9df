"""What is kept of the HTML that mkdocs-jupyter makes of code cells: the highlighted code and the text of outputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from lensdoc.explorables.elements import to_html
from lensdoc.publish.notebooks.sanitizing import cleaned, parse

_ID = "cell-id="
"""Begins the ids that nbconvert gives to the elements of cells."""


@dataclass(frozen=True)
class RenderedCell:
    """A cell as mkdocs-jupyter shows it, without its frames."""

    code: list[str]
    """Its source as highlighted HTML; nothing where mkdocs-jupyter is told to hide it."""
    outputs: list[str]
    """Its outputs as HTML, coloured as a terminal shows them; or a mark of ours, for one that is put in its place afterwards."""


Cells = dict[str, RenderedCell]
"""Cells by their ids."""


def read_cells(html: str) -> Cells:
    """The cells in the HTML of mkdocs-jupyter.

    Args:
        html: What `mkdocs_jupyter.convert.nb2html` made of a notebook.
    """
    found = (div for div in parse(html).iter("div") if (div.get("id") or "").startswith(_ID))
    return {div.get("id").removeprefix(_ID): _cell(div) for div in found}


def _cell(div: etree._Element) -> RenderedCell:
    code = [_content(pre) for part in _with_class(div, "highlight-ipynb") if (pre := part.find(".//pre")) is not None]
    return RenderedCell(code, [_output(part) for part in _with_class(div, "jp-OutputArea-output")])


def _output(part: etree._Element) -> str:
    pre = part.find(".//pre")
    return "" if pre is None else _content(pre)


def _content(pre: etree._Element) -> str:
    """The safe HTML inside an element."""
    pre.tag, pre.tail = "div", None
    return cleaned(to_html(pre)).removeprefix("<div>").removesuffix("</div>")


def _with_class(tree: etree._Element, name: str) -> Iterator[etree._Element]:
    return (found for found in tree.iter("div") if name in (found.get("class") or "").split())
