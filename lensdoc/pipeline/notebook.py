"""A notebook as JSON: its code cells, and what its parameters cell declares. No Jupyter package is imported."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lensdoc.core.errors import RunError
from lensdoc.core.files import read_file
from lensdoc.core.names import nearest
from lensdoc.core.notebook_json import NotebookError, notebook_json

TAG = "parameters"
_FORMAT = 4
_INJECTED = "injected-parameters"
"""Papermill's tag of the cell in which it set parameters; such a cell is replaced wherever it stands."""
_MARKER = "papermill-error-cell-tag"
"""Papermill's tag of the cells by which it says that a cell failed; it removes such cells."""
_TYPES = ("code", "markdown", "raw")
_PYTHON = re.compile(r"|.*(py|conda|venv).*", re.IGNORECASE)
"""Names of kernels that are Python where the notebook does not say its language: none, python3, pypy, conda-env-x."""
_MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)
_QUOTED = re.compile(r"""["']([^"'\n]*)["']""")


@dataclass(frozen=True)
class Notebook:
    """The part of a notebook that decides what it computes."""

    name: str
    """Path below `analyses/`, as runs.yml gives it."""
    cells: tuple[str, ...]
    """Sources of the code cells, in order."""
    numbers: tuple[int, ...]
    """Number of each code cell among all cells, from 1, as messages give it."""
    parameters_cell: int | None
    """Index of the cell tagged `parameters`, among the code cells."""

    def declared(self) -> set[str]:
        """Names that the parameters cell assigns: the only ones a run may set, since Papermill writes names as code."""
        return set() if self.parameters_cell is None else set(_assigned(self.cells[self.parameters_cell], self.name))

    def defaults(self) -> dict[str, Any]:
        """What the parameters cell assigns, as far as JSON holds it and it is written as a value, not computed."""
        return {} if self.parameters_cell is None else _literals(self.cells[self.parameters_cell])

    def texts(self) -> Iterator[tuple[int, frozenset[str]]]:
        """The number of each code cell, and the texts that stand as constants in it."""
        yield from zip(self.numbers, map(_constants, self.cells), strict=True)

    def constants(self) -> frozenset[str]:
        """The texts that stand as constants in the code cells, but for the parameters cell."""
        others = (source for index, source in enumerate(self.cells) if index != self.parameters_cell)
        return frozenset().union(*map(_constants, others))


def read_notebook(path: Path, name: str) -> Notebook:
    """Read a notebook, which messages call `name`.

    Raises:
        RunError: The file is missing, or no notebook that can be executed, or its tag `parameters` does not mark one code cell.
    """
    try:
        content = notebook_json(read_file(path))
        if problem := next(_problems(content), None):
            raise RunError(f"{path}: {problem}")
        cells = content["cells"]
        tagged = [cell for cell in cells if TAG in cell.get("metadata", {}).get("tags", [])]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        sources = tuple(_text(cell["source"]) for cell in code)
    except FileNotFoundError:
        there = nearest(path.name, [known.name for known in path.parent.glob("*.ipynb")])
        raise RunError(f"{path}: no such notebook; write it, or correct `notebook` in runs.yml; {there}") from None
    except NotebookError as error:
        raise RunError(f"{path}: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RunError(f"{path}: not a Jupyter notebook: {error!r}") from None
    if len(tagged) > 1 or any(cell not in code for cell in tagged):
        # Papermill would put the parameters behind the first tagged cell, and the code cell would then overwrite them.
        raise RunError(f"{path}: the tag {TAG!r} marks {len(tagged)} cells; it must mark exactly one, a code cell")
    numbers = tuple(number for number, cell in enumerate(cells, 1) if cell["cell_type"] == "code")
    return Notebook(name, sources, numbers, code.index(tagged[0]) if tagged else None)


def _problems(content: dict[str, Any]) -> Iterator[str]:
    """What Papermill would end on with a traceback; other slips of the format do no harm."""
    if content.get("nbformat") != _FORMAT:
        yield f"`nbformat` must be 4, it is {content.get('nbformat')!r}; open the notebook in Jupyter and save it again"
    if not isinstance(content.get("nbformat_minor"), int):
        yield f"`nbformat_minor` must be a number such as 5, it is {content.get('nbformat_minor')!r}"
    if not isinstance(content.get("metadata"), dict):
        yield 'the notebook needs `"metadata": {}`'
    else:
        yield from _language_problems(content["metadata"])
        if not isinstance(noted := content["metadata"].get("papermill", {}), dict):
            yield f"`papermill` in its metadata must be an object, it is {noted!r}; take it away"
    for number, cell in enumerate(content["cells"], 1):
        yield from _cell_problems(cell, f"cell {number}")


def _cell_problems(cell: dict[str, Any], name: str) -> Iterator[str]:
    if not isinstance(cell.get("metadata"), dict):
        yield f'{name} needs `"metadata": {{}}`'
    elif not isinstance(tags := cell["metadata"].get("tags", []), list):
        yield f"{name}: `tags` must be a list, it is {tags!r}"
    elif _INJECTED in tags:
        yield f"{name} has the tag {_INJECTED!r}: Papermill puts the parameters in its place; take the tag or the cell away"
    elif _MARKER in tags:
        yield f"{name} has the tag {_MARKER!r}, which Papermill gives its own notes, and removes; take the tag away"
    if cell.get("cell_type") not in _TYPES:
        yield f"{name}: `cell_type` must be one of {', '.join(_TYPES)}, it is {cell.get('cell_type')!r}; no other is executed"
    if not all(isinstance(output, dict) for output in cell.get("outputs", [])):
        yield f'{name} needs `"outputs": []`'
    if "outputs" in cell and cell.get("cell_type") != "code":
        yield f"{name} is no code cell and has `outputs`; take them away"
    if "source" not in cell:
        yield f'{name} needs `"source": ""`'
    elif any("\ud800" <= character <= "\udfff" for character in _text(cell["source"])):
        yield f"{name} holds half a surrogate pair, which is no character"


def _language_problems(metadata: dict[str, Any]) -> Iterator[str]:
    specification, information = _mapping(metadata, "kernelspec"), _mapping(metadata, "language_info")
    language = str(specification.get("language") or information.get("name") or "").lower()
    cure = "and runs are executed in Python 3; choose a Python kernel"
    if language not in ("", "python", "ipython"):
        yield f"the notebook is written in {language}, {cure}"
    elif str(information.get("version", "3")).startswith(("1.", "2.")) or specification.get("name") == "python2":
        yield f"the notebook is written in Python 2, {cure}"
    elif not language and not _PYTHON.fullmatch(name := str(specification.get("name") or "")):
        yield f"the notebook does not say its language, and its kernel {name!r} need not be Python, {cure}"


def _mapping(metadata: dict[str, Any], name: str) -> dict[str, Any]:
    found = metadata.get(name)
    return found if isinstance(found, dict) else {}


def _text(source: Any) -> str:  # noqa: ANN401 - a string or a list of lines
    return source if isinstance(source, str) else "".join(source)


@cache
def _assigned(source: str, name: str) -> frozenset[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise RunError(f"{name}: the parameters cell is not Python: {error}") from None
    targets = (t for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign) for t in _targets(node))
    # Names such as __name__ belong to Python: setting one changes more than the notebook says.
    return frozenset(target.id for target in targets if isinstance(target, ast.Name) and not target.id.startswith("__"))


def _literals(source: str) -> dict[str, Any]:
    """Names to the literal values that they hold at the end of the cell; names that anything else assigns are left out."""
    found: dict[str, Any] = {}
    for node in ast.parse(source).body:
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        for name in names:
            found.pop(name, None)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and all(map(_is_name, _targets(node))):
            with suppress(ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                value = ast.literal_eval(node.value)
                found |= dict.fromkeys(names, value) if _is_json(value) else {}
    return {name: value for name, value in found.items() if not name.startswith("__")}


def _is_name(target: ast.expr) -> bool:
    return isinstance(target, ast.Name)


def _is_json(value: Any) -> bool:  # noqa: ANN401 - any literal
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_json, value))
    return value is None or isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value))


@cache
def _constants(source: str) -> frozenset[str]:
    try:
        nodes = ast.walk(ast.parse(_MAGIC.sub("", source)))
    except SyntaxError:  # a cell with more of IPython's syntax in it
        return frozenset(found[1] for found in _QUOTED.finditer(source))
    return frozenset(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]
