"""An executed notebook as the body of a page: what mkdocs-jupyter is given, and what is kept of what it makes of it.

mkdocs-jupyter renders code and plain text. Its scripts, its 574 kB of style and its frames of elements are left out. Prose and
richer outputs never pass through it: an element that is not closed would swallow the cells below. They are made here, each for
itself, and put in their place afterwards.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

from lxml import etree
from markdown.extensions.toc import slugify, unique

from lensdoc.core.errors import PublishError
from lensdoc.explorables.elements import Element, element, to_html
from lensdoc.publish.notebooks.outputs import Complain, image_error, markdown_html, output_html, text_of
from lensdoc.publish.notebooks.sanitizing import Beside, contents, parse, sanitized
from lensdoc.publish.notebooks.terminal import as_shown

Json = dict[str, Any]
_NAMES_AN_OBJECT = re.compile(r"<IPython\.(?:core|lib)\.display\.\w+(?: object)?>|<IPython\.[\w.]+ object(?: at \w+)?>")


@dataclass
class Prepared:
    """A notebook on its way through mkdocs-jupyter."""

    text: str
    """The notebook that mkdocs-jupyter renders."""
    key: str
    """Begins the ids of its cells and the marks in it: a hash that the notebook's author cannot put into the notebook."""
    cells: list[Json]
    """The cells as they were kept, without raw ones."""
    made: dict[str, str] = field(default_factory=dict)
    """What stands for a mark: the HTML of an output."""

    @property
    def intro(self) -> str:
        """The mark of the place where the page says which run this is."""
        return f"{self.key}-intro"


@dataclass
class Body:
    """The content of a notebook's page."""

    html: str
    title: str | None
    """Text of the first heading of the first level, with its markup escaped."""
    toc: list[Any]
    """Headings: `level`, `id`, `name`, as Python-Markdown's table of contents has them."""
    beside: Beside | None = None


def prepare(text: str, complain: Complain) -> Prepared:
    """Make the notebook that mkdocs-jupyter renders: plain text, and marks where something richer comes.

    Args:
        text: An executed notebook, as `lensdoc.pipeline.keeping` keeps it.
        complain: Receives what is wrong with an output.

    Raises:
        PublishError: The text is no notebook.
    """
    try:
        notebook = json.loads(text)
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] in ("markdown", "code")]
        prepared = Prepared("", hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32], cells)
        copies = [_copy(cell, number, prepared, complain) for number, cell in enumerate(cells, 1)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PublishError(f"not a Jupyter notebook: {error!r}") from None
    metadata = {"language_info": {"name": "python"}}
    prepared.text = json.dumps({"cells": copies, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})
    return prepared


def _copy(cell: Json, number: int, prepared: Prepared, complain: Complain) -> Json:
    def wrong(message: str) -> None:
        complain(f"cell {number}: {message}")

    copy: Json = {"cell_type": cell["cell_type"], "id": f"{prepared.key}-{number}", "metadata": {}}
    if cell["cell_type"] == "markdown":
        prepared.made[copy["id"]] = markdown_html(_with_attachments(cell, wrong))
        return copy | {"source": copy["id"]}
    label = f"Output of cell {cell.get('execution_count') or number}"
    outputs: list[Json] = []
    for output in cell["outputs"]:
        shown = output_html(output["data"], label, wrong, output.get("metadata")) if "data" in output else None
        mark = f"{prepared.key}-{number}-{len(outputs)}"
        if shown:
            prepared.made[mark] = shown
            outputs.append(_text_output(mark))
        elif "data" not in output:
            outputs.append(output | {"text": as_shown(text_of(output["text"]))} if "text" in output else output)
        elif "text/plain" in output["data"]:
            outputs.append(_text_output(_plain(output["data"])))
    return copy | {"source": cell["source"], "execution_count": cell.get("execution_count"), "outputs": outputs}


def _plain(data: Json) -> str:
    """The plain text of an output; of an object of IPython, whose text says nothing, the types that are not shown."""
    text = as_shown(text_of(data["text/plain"]))
    if not _NAMES_AN_OBJECT.fullmatch(text.strip()):
        return text
    kinds = ", ".join(sorted(kind for kind in data if kind != "text/plain"))
    return f"An output of type {kinds or 'unknown'} is not shown on this page."


def _text_output(text: str) -> Json:
    return {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}


def _with_attachments(cell: Json, complain: Complain) -> str:
    """The source of a Markdown cell with its attached images in it."""
    source = text_of(cell["source"])
    for name, data in cell.get("attachments", {}).items():
        for kind, value in data.items():
            content = "".join(text_of(value).split())
            if wrong := image_error(kind, content):
                complain(f"attachment {name!r}: {wrong}")
            else:
                source = source.replace(f"attachment:{name}", f"data:{kind};base64,{content}")
    return source


def finish(html: str, prepared: Prepared, beside: Beside | None = None) -> Body:
    """Make the page's content of what mkdocs-jupyter rendered.

    Args:
        html: What it rendered.
        prepared: What it was given.
        beside: Gives the address of a file beside the notebook; without it there are no such files.

    Raises:
        PublishError: mkdocs-jupyter left a cell out.
    """
    tree = parse(html)
    rendered = {} if tree is None else {found.get("id"): found for found in tree.iter("div") if found.get("id")}
    body = Body("", None, [], beside)
    blocks = []
    for number, cell in enumerate(prepared.cells, 1):
        name = f"cell-id={prepared.key}-{number}"
        if name not in rendered:
            raise PublishError(f"mkdocs-jupyter rendered no cell {number}; the versions in constraints.txt are known to do")
        show = _prose if cell["cell_type"] == "markdown" else _code
        blocks.append("".join(show(rendered[name], cell, prepared, body)))
    if not any(prepared.intro in block for block in blocks):
        blocks.insert(0, prepared.intro)
    body.html = f'<div class="ld-notebook">{"".join(blocks)}</div>'
    return body


def _prose(rendered: etree._Element, cell: Json, prepared: Prepared, body: Body) -> Iterator[str]:
    del cell
    is_first = not body.toc
    found = sanitized(
        prepared.made[rendered.get("id").removeprefix("cell-id=")],
        heading=lambda heading: _note(heading, body),
        beside=body.beside,
    )
    parts = list(found[0]) if len(found) == 1 and not (found[0].text or "").strip() else [found]
    if is_first and parts and parts[0].tag == "h1":
        parts.insert(1, element("div", None, prepared.intro))
    yield "".join(map(to_html, parts))


def _note(heading: Element, body: Body) -> None:
    """Give a heading its id and its link, and note it for the table of contents."""
    text = " ".join("".join(heading.itertext()).split())
    name, level = escape(text, quote=False), int(heading.tag[1:])  # themes put titles into pages as they are
    found = unique(slugify(text, "-") or "section", {entry["id"] for entry in body.toc})
    heading.set("id", found)
    heading.append(element("a", {"class": "headerlink", "href": f"#{found}", "title": "Permanent link"}, "¶"))
    body.toc.append({"level": level, "id": found, "name": name})
    body.title = body.title or (name if level == 1 else None)


def _code(rendered: etree._Element, cell: Json, prepared: Prepared, body: Body) -> Iterator[str]:
    """Code and outputs, outside of the search: names of variables would hide the prose.

    Material's search ends what it leaves out at the next end tag of the same name, so the element is one that holds none like it.
    """
    del body
    count = cell.get("execution_count")
    number = f' data-count="{count}"' if isinstance(count, int) else ""
    yield '<section class="ld-cell" data-search-exclude>'
    for part in _with_class(rendered, "highlight-ipynb"):
        if (pre := part.find(".//pre")) is not None:
            yield f'<div class="highlight"{number}><pre>{_inner_code(pre)}</pre></div>'
    for part in _with_class(rendered, "jp-OutputArea-output"):
        text = "".join(part.itertext()).strip()
        pre = part.find(".//pre")
        if text in prepared.made:
            yield f'<div class="ld-output">{prepared.made[text]}</div>'
        elif pre is not None:
            yield f'<div class="ld-output"><pre>{_inner_code(pre)}</pre></div>'
    yield "</section>"


def _inner_code(pre: etree._Element) -> str:
    code = contents(pre)
    code.tag = "code"
    return to_html(code)


def _with_class(tree: etree._Element, name: str) -> Iterator[etree._Element]:
    return (found for found in tree.iter("div") if name in (found.get("class") or "").split())
