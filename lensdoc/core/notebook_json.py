"""The JSON of a notebook; what is wrong with a file that is no notebook is told in a sentence."""

from __future__ import annotations

import codecs
import json
from typing import Any

_FORMAT = 4
"""The major format of notebooks since 2015."""
_AGAIN = "open the notebook in Jupyter and save it again"


class NotebookError(ValueError):
    """The content of a file is no notebook."""


def notebook_json(content: bytes) -> dict[str, Any]:
    """A notebook as JSON, with a list of cells, each an object with its type.

    Raises:
        NotebookError: The content is something else; the message says what and where.
    """
    if not content.strip():
        raise NotebookError("the file is empty; save the notebook again, or remove the file")
    if content.startswith(codecs.BOM_UTF8):
        raise NotebookError("the file begins with a byte order mark, so Jupyter cannot open it; save it as UTF-8 without one")
    notebook = _parsed(content)
    if not isinstance(notebook, dict):
        raise NotebookError(f"not a Jupyter notebook: the file holds a {type(notebook).__name__}, and a notebook is an object")
    if notebook.get("nbformat", _FORMAT) != _FORMAT:
        raise NotebookError(f"`nbformat` must be {_FORMAT}, it is {notebook['nbformat']!r}; {_AGAIN}")
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise NotebookError("not a Jupyter notebook: it has no list `cells`")
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
            raise NotebookError(f"not a Jupyter notebook: cell {number} has no `cell_type`; {_AGAIN}")
    return notebook


def _parsed(content: bytes) -> object:
    try:
        return json.loads(content.decode())
    except UnicodeDecodeError as error:
        raise NotebookError(f"not a Jupyter notebook: byte {error.start + 1} is not UTF-8; {_AGAIN}") from None
    except json.JSONDecodeError as error:
        raise NotebookError(
            f"not a Jupyter notebook: line {error.lineno}, column {error.colno}: not JSON: {error.msg}; {_AGAIN}"
        ) from None
    except RecursionError:
        raise NotebookError("not a Jupyter notebook: its JSON is nested too deeply") from None
