"""A notebook as it is read from JSON: its cells, the language of its code, the tags of cells."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from lensdoc.core.errors import PublishError
from lensdoc.core.notebook_json import NotebookError, notebook_json

Json = dict[str, Any]
_LANGUAGE = re.compile(r"[\w+#.-]{1,40}")


@dataclass(frozen=True)
class Notebook:
    """What a page needs of a notebook."""

    key: str
    """A hash of the whole notebook, which no text in it can contain."""
    cells: list[Json]
    """Its cells, without raw ones."""
    language: str
    """The language of its code, as Pygments names it."""

    @property
    def intro(self) -> str:
        """Marks the place where the page says which run this is."""
        return f"{self.key}-intro"

    @property
    def cells_with_scripts(self) -> list[int]:
        """Numbers of the cells, from 1, whose HTML or JavaScript would run elsewhere; a page shows what is left of it."""
        return [number for number, cell in enumerate(self.cells, 1) if any(map(_has_script, cell.get("outputs", ())))]


def read_notebook(text: str) -> Notebook:
    """Read a notebook.

    Args:
        text: A notebook as JSON, of nbformat 4.

    Raises:
        PublishError: The text is no notebook; the message says what and where.
    """
    content = text.encode(errors="replace")
    try:
        notebook = notebook_json(content)
    except NotebookError as error:
        raise PublishError(str(error)) from None
    for number, cell in enumerate(notebook["cells"], 1):
        _check(cell, f"not a Jupyter notebook: cell {number}")
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] in ("markdown", "code")]
    language = _language(notebook.get("metadata"))
    return Notebook(hashlib.sha256(content).hexdigest()[:32], cells, language)


def tags_of(part: Json) -> set[str]:
    """The tags of a cell or an output."""
    metadata = part.get("metadata")
    found = metadata.get("tags") if isinstance(metadata, dict) else None
    return {tag for tag in found if isinstance(tag, str)} if isinstance(found, list) else set()


def text_of(value: object) -> str:
    """A text of a notebook, which may be kept as a list of lines."""
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def _has_script(output: Json) -> bool:
    data = output.get("data", {})
    return "application/javascript" in data or "<script" in text_of(data.get("text/html", "")).lower()


def _check(cell: Json, where: str) -> None:
    """Raise for a cell that lacks what nbformat demands."""
    if cell["cell_type"] not in ("markdown", "code"):
        return
    if "source" not in cell:
        raise PublishError(f'{where} needs `"source": ""`')
    for name, data in _mapping(cell, "attachments", where).items():
        _mapping({name: data}, name, where)
    outputs = cell.get("outputs") if cell["cell_type"] == "code" else []
    if not isinstance(outputs, list):
        raise PublishError(f'{where} needs `"outputs": []`')
    for output in outputs:
        if not isinstance(output, dict) or "output_type" not in output:
            raise PublishError(f"{where}: an output needs its `output_type`")
        _mapping(output, "data", where)
        _mapping(output, "metadata", where)


def _mapping(part: Json, name: str, where: str) -> Json:
    found = part.get(name, {})
    if not isinstance(found, dict):
        raise PublishError(f"{where}: {name} must be an object, it is {found!r:.40}")
    return found


def _language(metadata: object) -> str:
    parts = (metadata.get("language_info"), metadata.get("kernelspec")) if isinstance(metadata, dict) else ()
    named = (part.get(key) for part, key in zip(parts, ("name", "language"), strict=False) if isinstance(part, dict))
    return next((name for name in named if isinstance(name, str) and _LANGUAGE.fullmatch(name)), "python").lower()
