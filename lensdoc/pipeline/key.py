"""The key of a run: everything that its results depend on, as far as it can be seen.

Components, each with a value that `status --why` can print:

    cells        hash of each code cell in order, and which of them holds the parameters
    parameters   the merged parameters (a seed or dtype is one of them)
    inputs       content hash of each declared input
    model        the revision that the parameter `model` stands for
    settings     threads that the kernel computes with; how much of a version counts
    code         hash of each computing module of lensdoc that the run imported, without docstrings and comments
    versions     version of each computing library that the notebook, its inputs or these modules import
    python       minor version of Python

Markdown cells, outputs and tags other than `parameters` do not enter. What cannot be observed here (torch is not installed, the
hub is out of reach) counts as unchanged and is reported as unchecked.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import sys
import tokenize
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from lensdoc.pipeline.libraries import installed_versions, library_versions
from lensdoc.pipeline.runs import Run
from lensdoc.records.model_files import BUNDLED, content_revision

Components = dict[str, dict[str, Any]]
"""Component to its parts, each a JSON value."""

_COMPUTING = ("lensdoc.measures", "lensdoc.models", "lensdoc.records")
"""Packages of lensdoc that can change a record; the others only draw, publish or run."""
_PACKAGE = Path(__file__).parents[1]


def digest(data: bytes | str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def key_of(components: Components) -> str:
    """The key: the hash of the canonical JSON of all components."""
    return digest(json.dumps(components, sort_keys=True, allow_nan=False))


class Look:
    """The files here, each read once. Made anew for each look at them, since they change."""

    def __init__(self) -> None:
        self.file = cache(lambda path: digest(path.read_bytes()))
        self.model = cache(content_revision)
        self.code = cache(_code_hash)


def static_components(run: Run, analyses: Path) -> Components:
    """The components that can be told without executing anything; inputs are read below the folder `analyses`.

    Of the versions these are only the part of the notebook and its inputs.
    """
    scripts = [(analyses / name).read_text(encoding="utf-8", errors="replace") for name in run.inputs if name.endswith(".py")]
    return _declared(run, analyses, Look()) | {"versions": dict(library_versions([*run.notebook.cells, *scripts], run.versions))}


def _declared(run: Run, analyses: Path, look: Look) -> Components:
    folder = model_folder(run, analyses)
    cells = {str(i): digest(source)[:16] for i, source in enumerate(run.notebook.cells)}
    return {
        "cells": {**cells, "parameters": run.notebook.parameters_cell},
        "parameters": dict(run.parameters),
        "inputs": {name: look.file(analyses / name) for name in run.inputs},
        "model": {"revision": look.model(folder)} if folder else {},
        "settings": {"threads": run.threads, "versions": run.versions},
    }


def model_folder(run: Run, analyses: Path) -> Path | None:
    """The folder of a run's model: bundled, or at a path that is absolute or begins at `analyses/`; None for a hub id."""
    name = run.parameters.get("model")
    folder = BUNDLED.get(name, analyses / name) if isinstance(name, str) and name else None
    return folder if folder and folder.is_dir() else None


def computing_sources() -> dict[str, str]:
    """All modules of lensdoc that can change a record, with hashes of their files as they are: quicker than those of the code."""
    files = {path.relative_to(_PACKAGE.parent).with_suffix(""): path for path in _PACKAGE.rglob("*.py")}
    names = {".".join(module.parts).removesuffix(".__init__"): path for module, path in files.items()}
    return {name: digest(path.read_bytes()) for name, path in names.items() if name.startswith(_COMPUTING)}


def code_components(modules: Iterable[str], look: Look | None = None) -> dict[str, str]:
    """Hashes of those modules of lensdoc that compute; a module that is gone has an empty hash."""
    look = look or Look()
    return {name: look.code(name) for name in sorted(modules) if name.startswith(_COMPUTING)}


def executed_components(static: Components, modules: Iterable[str], revision: str) -> Components:
    """All components after an execution that imported the given modules of lensdoc and measured the model of this revision."""
    code = code_components(modules)
    sources = [file.read_text(encoding="utf-8") for name in code if (file := _file(name)).is_file()]
    return static | {
        "model": {"revision": revision},
        "code": code,
        "versions": static["versions"] | library_versions(sources, static["settings"]["versions"]),
        "python": {"minor": _python()},
    }


def observed_components(run: Run, analyses: Path, locked: Components, look: Look | None = None) -> tuple[Components, list[str]]:
    """The components as they stand here, for comparison with those in the lock, and what could not be observed.

    Modules and libraries are those of the lock: another one comes in only with a change of a cell, an input or a module.
    """
    look = look or Look()
    known = locked.get("versions", {})
    versions = installed_versions(known, run.versions)
    unchecked = sorted(set(known) - set(versions))
    now = _declared(run, analyses, look) | {
        "code": code_components(locked.get("code", {}), look),
        "versions": versions | {name: known[name] for name in unchecked},
        # Without the libraries this Python could not execute the run, so its own version says nothing.
        "python": dict(locked.get("python", {})) if unchecked else {"minor": _python()},
    }
    if not now["model"]:  # a hub model, whose commit would have to be asked for
        now["model"] = dict(locked.get("model", {}))
        unchecked.append(f"revision of {run.parameters.get('model', 'the model')}")
    return now, unchecked


def _file(module: str) -> Path:
    path = _PACKAGE.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _code_hash(module: str) -> str:
    file = _file(module)
    if not file.is_file():
        return ""
    source = file.read_text(encoding="utf-8")
    try:
        return digest(_code(source))[:16]
    except (SyntaxError, tokenize.TokenError):  # half edited
        return digest(source)[:16]


@cache
def _code(source: str) -> str:
    """The source without comments and docstrings: text, since every Python unparses and tokenizes a little otherwise."""
    lines = source.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            lines[token.start[0] - 1] = lines[token.start[0] - 1][: token.start[1]]
    left = [line.encode() for line in lines]  # columns of the tree are bytes
    # Strings that stand alone are docstrings, of modules, functions, classes or attributes.
    alone = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    for node in sorted(alone, key=lambda node: (node.lineno, node.col_offset), reverse=True):  # so that columns stay true
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        after = left[last][node.end_col_offset :]
        left[first] = left[first][: node.col_offset] + (after if first == last else b"")
        if first != last:
            left[first + 1 : last + 1] = [*[b""] * (last - first - 1), after]
    return "\n".join(line.decode().rstrip() for line in left if line.strip())


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"
