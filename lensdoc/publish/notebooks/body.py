"""A notebook as the body of a page: prose, highlighted code, outputs, each made for itself and safe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

from lxml import etree
from markdown.extensions.toc import slugify, unique

from lensdoc.explorables.elements import Element, element, to_html
from lensdoc.publish.notebooks.look import Look
from lensdoc.publish.notebooks.notebook import Json, Notebook, tags_of, text_of
from lensdoc.publish.notebooks.outputs import Complain, Saved, image_error, markdown_html, output_html
from lensdoc.publish.notebooks.page_syntax import unresolved
from lensdoc.publish.notebooks.sanitizing import Beside, sanitized
from lensdoc.publish.notebooks.terminal import as_shown

_NAMES_AN_OBJECT = re.compile(r"<IPython\.(?:core|lib)\.display\.\w+(?: object)?>|<IPython\.[\w.]+ object(?: at \w+)?>")


@dataclass
class Body:
    """The content of a notebook's page."""

    html: str = ""
    title: str | None = None
    """Text of the first heading of the first level, with its markup escaped."""
    toc: list[Any] = field(default_factory=list)
    """Headings: `level`, `id`, `name`, as Python-Markdown's table of contents has them."""


@dataclass(frozen=True)
class _Page:
    """What the cells of one page share."""

    notebook: Notebook
    look: Look
    complain: Complain
    beside: Beside | None
    saved: Saved | None
    body: Body


def notebook_body(
    notebook: Notebook, look: Look, complain: Complain, beside: Beside | None = None, saved: Saved | None = None
) -> Body:
    """Make the content of a notebook's page.

    Args:
        notebook: The notebook.
        look: How its code and its texts look.
        complain: Receives what is wrong with an output.
        beside: Gives the address of a file beside the notebook; without it there are no such files.
        saved: Gives the record of a name and the hash of its file; outputs that show a record which their run saved name it so.
    """
    page = _Page(notebook, look, complain, beside, saved, Body())
    blocks = []
    for number, cell in enumerate(notebook.cells, 1):
        if not tags_of(cell) & look.without_cell:
            show = _prose if cell["cell_type"] == "markdown" else _code
            blocks.append("".join(show(cell, number, page)))
    if not any(notebook.intro in block for block in blocks):
        blocks.insert(0, notebook.intro)
    page.body.html = f'<div class="ld-notebook">{"".join(blocks)}</div>'
    return page.body


def _prose(cell: Json, number: int, page: _Page) -> Iterator[str]:
    is_first = not page.body.toc
    if raw := unresolved(text_of(cell["source"])):
        why = "pages of notebooks show prose as Jupyter does, without values, citations and blocks; have it on a Markdown page"
        page.complain(f"cell {number}: {raw!r} stays as it is written: {why}")
    html = markdown_html(_with_attachments(cell, number, page.complain))
    found = sanitized(html, heading=lambda heading: _note(heading, page.body), beside=page.beside)
    parts: list[Element] = list(found[0]) if len(found) == 1 and not (found[0].text or "").strip() else [found]
    if is_first and parts and parts[0].tag == "h1":
        parts.insert(1, element("div", None, page.notebook.intro))
    yield from map(to_html, parts)


def _with_attachments(cell: Json, number: int, complain: Complain) -> str:
    """The source of a Markdown cell with its attached images in it."""
    source = text_of(cell["source"])
    for name, data in cell.get("attachments", {}).items():
        for kind, value in data.items():
            content = "".join(text_of(value).split())
            if wrong := image_error(kind, content):
                complain(f"cell {number}: attachment {name!r}: {wrong}")
            else:
                source = source.replace(f"attachment:{name}", f"data:{kind};base64,{content}")
    return source


def _note(heading: etree.ElementBase, body: Body) -> None:
    """Give a heading its id and its link, and note it for the table of contents."""
    text = " ".join("".join(heading.itertext()).split())
    name, level = escape(text, quote=False), int(heading.tag[1:])  # themes put titles into pages as they are
    found = unique(slugify(text, "-") or "section", {entry["id"] for entry in body.toc})
    heading.set("id", found)
    link = etree.SubElement(heading, "a", {"class": "headerlink", "href": f"#{found}", "title": "Permanent link"})
    link.text = "¶"
    body.toc.append({"level": level, "id": found, "name": name})
    body.title = body.title or (name if level == 1 else None)


def _code(cell: Json, number: int, page: _Page) -> Iterator[str]:
    """Code and outputs, outside of the search: names of variables would hide the prose.

    Material's search ends what it leaves out at the next end tag of the same name, so the element is one that holds none like it.
    """
    look, tags, count = page.look, tags_of(cell), cell.get("execution_count")
    yield '<section class="ld-cell" data-search-exclude>'
    if look.shows_code and not tags & look.without_code:
        counted = f' data-count="{count}"' if isinstance(count, int) and look.shows_counts else ""
        code = look.code(text_of(cell["source"]), page.notebook.language)
        yield f'<div class="highlight"{counted}><pre><code>{code}</code></pre></div>'
    for output in cell["outputs"] if not tags & look.without_outputs else ():
        if not tags_of(output) & look.without_output and (shown := _output(output, cell, number, page)):
            yield f'<div class="ld-output">{shown}</div>'
    yield "</section>"


def _output(output: Json, cell: Json, number: int, page: _Page) -> str | None:
    """The HTML of an output; None for one of which nothing is shown."""

    def wrong(message: str) -> None:
        page.complain(f"cell {number}: {message}")

    if "data" in output:
        label = f"Output of cell {cell.get('execution_count') or number}"
        shown = output_html(output["data"], label, wrong, output.get("metadata"), page.saved)
        return shown or (_text(_plain(output["data"]), page) if "text/plain" in output["data"] else None)
    if "text" in output:
        return _text(text_of(output["text"]), page)
    if isinstance(output.get("traceback"), list):
        return _text("\n".join(map(str, output["traceback"])), page)
    wrong(f"an output of the unknown type {output['output_type']!r} is not shown")
    return None


def _text(text: str, page: _Page) -> str:
    return f"<pre><code>{page.look.text(as_shown(text))}</code></pre>"


def _plain(data: Json) -> str:
    """The plain text of an output; of an object of IPython, whose text says nothing, the types that are not shown."""
    text = text_of(data["text/plain"])
    if not _NAMES_AN_OBJECT.fullmatch(text.strip()):
        return text
    kinds = ", ".join(sorted(kind for kind in data if kind != "text/plain"))
    return f"An output of type {kinds or 'unknown'} is not shown on this page."
