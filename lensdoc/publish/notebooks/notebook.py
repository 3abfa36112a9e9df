"""A notebook as it is read from JSON: its cells, the language of its code, the tags of cells."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from lensdoc.core.errors import PublishError

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
        PublishError: The text is no notebook.
    """
    try:
        notebook = json.loads(text)
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] in ("markdown", "code")]
        for cell in cells:
            _check(cell)
        language = _language(notebook.get("metadata", {}))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PublishError(f"not a Jupyter notebook: {error!r}") from None
    return Notebook(hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32], cells, language)


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


def _check(cell: Json) -> None:
    """Raise for a cell that lacks what nbformat demands."""
    cell["source"]
    for name, data in _mapping(cell, "attachments").items():
        _mapping({name: data}, name)
    for output in cell["outputs"] if cell["cell_type"] == "code" else ():
        output["output_type"]
        _mapping(output, "data")
        _mapping(output, "metadata")


def _mapping(part: Json, name: str) -> Json:
    found = part.get(name, {})
    if not isinstance(found, dict):
        raise TypeError(f"{name} must be an object, it is {found!r:.40}")
    return found


def _language(metadata: Json) -> str:
    named = (metadata.get("language_info", {}).get("name"), metadata.get("kernelspec", {}).get("language"))
    return next((name for name in named if isinstance(name, str) and _LANGUAGE.fullmatch(name)), "python").lower()
