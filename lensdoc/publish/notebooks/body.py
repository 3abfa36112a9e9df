"""A notebook as the body of a page: what mkdocs-jupyter is given, and what is kept of what it makes of it.

mkdocs-jupyter renders code and plain text, of all notebooks of a build at once. Its scripts, its 574 kB of style and its frames
of elements are left out. Prose and richer outputs never pass through it: an element that is not closed would swallow the cells
below. They are made here, each for itself, and put in their place afterwards.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

from lxml import etree
from markdown.extensions.toc import slugify, unique

from lensdoc.explorables.elements import Element, element, to_html
from lensdoc.publish.notebooks.outputs import Complain, image_error, markdown_html, output_html, text_of
from lensdoc.publish.notebooks.rendered import Cells, RenderedCell
from lensdoc.publish.notebooks.sanitizing import Beside, sanitized
from lensdoc.publish.notebooks.terminal import as_shown
from lensdoc.records.errors import PublishError

Json = dict[str, Any]
_NAMES_AN_OBJECT = re.compile(r"<IPython\.(?:core|lib)\.display\.\w+(?: object)?>|<IPython\.[\w.]+ object(?: at \w+)?>")
_LANGUAGE = re.compile(r"[\w+#.-]{1,40}")


@dataclass
class Prepared:
    """A notebook on its way through mkdocs-jupyter."""

    key: str
    """Begins the ids of its cells and the marks in it: a hash that the notebook's author cannot put into the notebook."""
    cells: list[Json]
    """The cells as they were kept, without raw ones."""
    language: str
    """The language of its code, as Pygments names it."""
    copies: list[Json] = field(default_factory=list)
    """The cells that mkdocs-jupyter renders."""
    made: dict[str, str] = field(default_factory=dict)
    """What stands for a mark: the HTML of an output, or the unsafe HTML of prose."""

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
    """Make the cells that mkdocs-jupyter renders: plain text, and marks where something richer comes.

    Args:
        text: A notebook as JSON, of nbformat 4.
        complain: Receives what is wrong with an output.

    Raises:
        PublishError: The text is no notebook.
    """
    try:
        notebook = json.loads(text)
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] in ("markdown", "code")]
        key = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]
        prepared = Prepared(key, cells, _language(notebook))
        prepared.copies = [_copy(cell, number, prepared, complain) for number, cell in enumerate(cells, 1)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PublishError(f"not a Jupyter notebook: {error!r}") from None
    return prepared


def merged(notebooks: Iterable[Prepared]) -> str:
    """The notebook with the cells of several in one language, as JSON; equal notebooks are in it once."""
    each = list({prepared.key: prepared for prepared in notebooks}.values())
    language = each[0].language
    metadata = {
        "kernelspec": {"name": language, "display_name": language, "language": language},
        "language_info": {"name": language},
    }
    cells = [copy for prepared in each for copy in prepared.copies]
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def _language(notebook: Json) -> str:
    metadata = notebook.get("metadata", {})
    named = (metadata.get("language_info", {}).get("name"), metadata.get("kernelspec", {}).get("language"))
    found = next((name for name in named if isinstance(name, str) and _LANGUAGE.fullmatch(name)), "python")
    return found.lower()


def _copy(cell: Json, number: int, prepared: Prepared, complain: Complain) -> Json:
    def wrong(message: str) -> None:
        complain(f"cell {number}: {message}")

    copy: Json = {"cell_type": cell["cell_type"], "id": f"{prepared.key}-{number}", "metadata": {"tags": _tags(cell)}}
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


def _tags(cell: Json) -> list[str]:
    """The tags of a cell, by which mkdocs-jupyter may be told to leave it out."""
    found = cell.get("metadata", {}).get("tags", [])
    return [tag for tag in found if isinstance(tag, str)] if isinstance(found, list) else []


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


def finish(rendered: Cells, prepared: Prepared, beside: Beside | None = None) -> Body:
    """Make the page's content of what mkdocs-jupyter rendered.

    Args:
        rendered: What it rendered, by the ids of cells.
        prepared: What it was given.
        beside: Gives the address of a file beside the notebook; without it there are no such files.

    Raises:
        PublishError: mkdocs-jupyter left a cell out that has no tag to say so.
    """
    body = Body("", None, [], beside)
    blocks = []
    for number, (cell, copy) in enumerate(zip(prepared.cells, prepared.copies, strict=True), 1):
        if copy["id"] in rendered:
            parts = (
                _prose(copy["id"], prepared, body)
                if cell["cell_type"] == "markdown"
                else _code(cell, rendered[copy["id"]], prepared)
            )
            blocks.append("".join(parts))
        elif not copy["metadata"]["tags"]:
            raise PublishError(f"mkdocs-jupyter rendered no cell {number}; the versions in constraints.txt are known to do")
    if not any(prepared.intro in block for block in blocks):
        blocks.insert(0, prepared.intro)
    body.html = f'<div class="ld-notebook">{"".join(blocks)}</div>'
    return body


def _prose(mark: str, prepared: Prepared, body: Body) -> Iterator[str]:
    is_first = not body.toc
    found = sanitized(prepared.made[mark], heading=lambda heading: _note(heading, body), beside=body.beside)
    parts: list[Element] = list(found[0]) if len(found) == 1 and not (found[0].text or "").strip() else [found]
    if is_first and parts and parts[0].tag == "h1":
        parts.insert(1, element("div", None, prepared.intro))
    yield "".join(map(to_html, parts))


def _note(heading: etree._Element, body: Body) -> None:
    """Give a heading its id and its link, and note it for the table of contents."""
    text = " ".join("".join(heading.itertext()).split())
    name, level = escape(text, quote=False), int(heading.tag[1:])  # themes put titles into pages as they are
    found = unique(slugify(text, "-") or "section", {entry["id"] for entry in body.toc})
    heading.set("id", found)
    link = etree.SubElement(heading, "a", {"class": "headerlink", "href": f"#{found}", "title": "Permanent link"})
    link.text = "¶"
    body.toc.append({"level": level, "id": found, "name": name})
    body.title = body.title or (name if level == 1 else None)


def _code(cell: Json, rendered: RenderedCell, prepared: Prepared) -> Iterator[str]:
    """Code and outputs, outside of the search: names of variables would hide the prose.

    Material's search ends what it leaves out at the next end tag of the same name, so the element is one that holds none like it.
    """
    count = cell.get("execution_count")
    number = f' data-count="{count}"' if isinstance(count, int) else ""
    yield '<section class="ld-cell" data-search-exclude>'
    for code in rendered.code:
        yield f'<div class="highlight"{number}><pre><code>{code}</code></pre></div>'
    for output in rendered.outputs:
        shown = prepared.made.get(output.strip()) or f"<pre><code>{output}</code></pre>"
        yield f'<div class="ld-output">{shown}</div>'
    yield "</section>"
