"""What a notebook holds as HTML that is safe on a page: figures drawn anew from their records, the rest reduced."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

import mistune

from lensdoc.core.errors import DataError, LensdocError
from lensdoc.explorables.elements import Element, element, to_html
from lensdoc.explorables.notebook import figure
from lensdoc.publish.notebooks.notebook import text_of
from lensdoc.publish.notebooks.sanitizing import sanitized
from lensdoc.records.reading import loads
from lensdoc.records.record import Record
from lensdoc.records.writing import MIME, SAVED

Data = Mapping[str, Any]
Size = Mapping[str, int]
Complain = Callable[[str], None]
Saved = Callable[[str, str], Record]

_MARKDOWN = mistune.create_markdown(escape=False, plugins=["table", "strikethrough", "url", "math"])
_ENVIRONMENTS = "equation|align|alignat|gather|multline|eqnarray|flalign|displaymath|math|cases|[bpvBV]?matrix|array"
_OPENS = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})|`[^`\n]*`|(?P<display>\$\$)|(?<!\\)\$[^$\n]*\$"
    rf"|\\begin\{{(?P<name>(?:{_ENVIRONMENTS})\*?)\}}",
    re.MULTILINE,
)
"""What begins a LaTeX environment, or may hold the look of one: code and formulas."""
_DISPLAYED = re.compile(r"\$\$(.*?)\$\$", re.DOTALL)
_BEGINS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}
"""Bytes with which an image of a type begins."""


def output_html(
    data: Data, label: str, complain: Complain, metadata: Data | None = None, saved: Saved | None = None
) -> str | None:
    """The HTML of one output of a cell, by the richest of its types that a page may show; None leaves its plain text.

    Scripts, widgets and types that are not known are not shown at all.

    Args:
        data: The output by MIME type.
        label: Names the output where it is an image.
        complain: Receives what is wrong with a record or an image; the plain text is shown then.
        metadata: What Jupyter keeps beside the output: the size of an image, by its type; and which saved record it shows.
        saved: Gives the record of a name and the hash of its file.
    """
    if saved and (named := _named(metadata or {})):
        try:
            return figure(saved(*named))
        except LensdocError as error:
            complain(str(error))
    for kind, show in _SHOWN.items():
        if kind not in data:
            continue
        try:
            shown = show(text_of(data[kind]), label, _size((metadata or {}).get(kind)))
        except LensdocError as error:
            complain(str(error))
        else:
            if shown:
                return shown
    return None


def _named(metadata: Data) -> tuple[str, str] | None:
    """The record that an output shows, by name and hash, where it is not in the output itself."""
    said = metadata.get(SAVED)
    name, hashed = (said.get("record"), said.get("sha256")) if isinstance(said, dict) else (None, None)
    return (name, hashed) if isinstance(name, str) and isinstance(hashed, str) else None


def markdown_html(text: str) -> str:
    """Markdown as Jupyter reads it, raw HTML and LaTeX environments included: not yet safe."""
    return str(_MARKDOWN(_with_formulas(text)))


def _with_formulas(text: str) -> str:
    """Markdown with dollars around LaTeX environments that stand outside of formulas and code, as Jupyter draws them too."""
    parts: list[str] = []
    unclosed: set[str] = set()
    done = at = 0
    while found := _OPENS.search(text, at):
        name, at = found["name"], found.end()
        if name and name not in unclosed:
            end = text.find(f"\\end{{{name}}}", at)
            if end < 0:
                unclosed.add(name)  # nor is a later one closed
            else:
                at = end + len(f"\\end{{{name}}}")
                parts += [text[done : found.start()], "\n\n$$\n", text[found.start() : at], "\n$$\n\n"]
                done = at
        elif not name:
            at = _end(found, text)
    return "".join([*parts, text[done:]])


def _end(found: re.Match[str], text: str) -> int:
    """Where the code or the formula ends that begins at a place; code that is not closed takes all that follows."""
    if found["fence"]:
        closing = re.compile(rf"^[ \t]*{found['fence']}", re.MULTILINE).search(text, found.end())
        return closing.end() if closing else len(text)
    closed = text.find("$$", found.end()) if found["display"] else -1
    return found.end() if closed < 0 else closed + 2


def _latex(text: str, label: str, size: Size) -> str:
    return _markdown(_DISPLAYED.sub(lambda found: f"\n\n$$\n{found[1].strip()}\n$$\n\n", text).strip(), label, size)


def image_error(kind: str, text: str) -> str | None:
    """What is wrong with an image of a notebook; None for one that a browser can read."""
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        return f"its {kind} is not base64: {error}"
    return None if content.startswith(_BEGINS.get(kind, b"")) else f"its {kind} does not begin as such an image does"


def _size(found: object) -> Size:
    sides = found if isinstance(found, dict) else {}
    return {side: sides[side] for side in ("width", "height") if type(sides.get(side)) is int and sides[side] > 0}


def _figure(text: str, label: str, size: Size) -> str:
    del size
    return figure(loads(text, label))


def _html(text: str, label: str, size: Size) -> str:
    del label, size
    found = sanitized(text)
    return to_html(found) if _says_something(found) else ""


def _markdown(text: str, label: str, size: Size) -> str:
    return _html(markdown_html(text), label, size)


def _svg(text: str, label: str, size: Size) -> str:
    # As an image an SVG loads nothing and runs nothing.
    return _image("image/svg+xml", base64.b64encode(text.encode()).decode(), label, size)


def _bitmap(kind: str) -> Callable[[str, str, Size], str]:
    def show(text: str, label: str, size: Size) -> str:
        if wrong := image_error(kind, text):
            raise DataError(f"{wrong}; run the notebook again")
        return _image(kind, "".join(text.split()), label, size)

    return show


def _image(kind: str, content: str, label: str, size: Size) -> str:
    sides = {side: str(pixels) for side, pixels in size.items()}
    return to_html(element("img", {"src": f"data:{kind};base64,{content}", "alt": label, **sides}))


def _says_something(found: Element) -> bool:
    return bool("".join(found.itertext()).strip()) or found.find(".//img") is not None


_SHOWN: dict[str, Callable[[str, str, Size], str]] = {
    MIME: _figure,
    "text/html": _html,
    "text/markdown": _markdown,
    "text/latex": _latex,
    "image/svg+xml": _svg,
    **{kind: _bitmap(kind) for kind in _BEGINS},
}
"""Types of outputs, the richest first, with what shows them."""
