"""The key of a run: everything that its results depend on, as far as it can be seen.

Components, each with a value that `status --why` can print:

    cells        hash of each code cell that does something, in order, without comments; which of them holds the parameters
    parameters   the merged parameters (a seed or dtype is one of them)
    inputs       content hash of each declared input, whatever the endings of its lines
    model        revision of each model that the run names or loads, by the name that the notebook uses
    names        what readers see of the models that runs.yml names
    sources      hub ids of the models that runs.yml names and that are of the hub
    settings     threads that the kernel computes with; how much of a version counts
    code         hash of each computing module of lensdoc that the run imported, without docstrings, comments and messages
    versions     version of each library that the notebook and its inputs import, and of those with which these modules compute
    python       minor version of Python

Markdown cells, outputs and tags other than `parameters` do not enter, nor does `lensdoc.core`, which computes nothing. A module
enters whole: what only some models need (the hub, GGUF) is a module of its own, imported where a model needs it, so that its
edits make no other run stale. What every model passes through makes all runs stale when its code changes.

What cannot be observed here (torch is not installed, the hub is out of reach) counts as unchanged and is reported as unchecked.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lensdoc.core.errors import RunError
from lensdoc.core.model_files import content_revision
from lensdoc.pipeline.cell_text import computing_text
from lensdoc.pipeline.code_hashes import CodeHashes
from lensdoc.pipeline.libraries import imported_modules, installed_versions, library_versions, notebook_versions
from lensdoc.pipeline.notebook import Notebook, read_notebook
from lensdoc.pipeline.runs import Run
from lensdoc.pipeline.used_models import declared_models, names_of, observed_models, sources_of

Components = dict[str, dict[str, Any]]
"""Component to its parts, each a JSON value."""

_COMPUTING = ("lensdoc.measures", "lensdoc.models", "lensdoc.records")
"""Packages of lensdoc that can change a record; the others only draw, publish or run."""
_PACKAGE = Path(__file__).parents[1]
_HASHES = CodeHashes()


def digest(data: bytes | str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def text_digest(content: bytes) -> str:
    """The digest of a file; of a text with the endings of lines that Git gives it anywhere but on Windows."""
    return digest(content if b"\0" in content else content.replace(b"\r\n", b"\n"))


def key_of(components: Components) -> str:
    """The key: the hash of the canonical JSON of all components."""
    return digest(json.dumps(components, sort_keys=True, allow_nan=False))


class Look:
    """The files here, each read once. Made anew for each look at them, since they change."""

    def __init__(self) -> None:
        self.file = cache(lambda path: text_digest(path.read_bytes()))
        self.model = cache(content_revision)
        self.code = cache(_code_hash)


def static_components(run: Run, analyses: Path, look: Look | None = None) -> Components:
    """The components that can be told without executing anything; inputs are read below the folder `analyses`.

    Of the models these are those that the run names, of the versions only the part of the notebook and its inputs.
    """
    look = look or Look()
    models = declared_models(run, analyses, look.model)
    versions = notebook_versions(
        {name for source in sources_of_run(run, analyses) for name in imported_modules(source)}, run.versions
    )
    return _declared(run, analyses, look) | _models(run, models) | {"versions": versions}


def sources_of_run(run: Run, analyses: Path) -> list[str]:
    """The code that an author wrote: cells, and inputs that are modules or notebooks."""
    scripts = [(analyses / name).read_text(encoding="utf-8", errors="replace") for name in run.inputs if name.endswith(".py")]
    notebooks = [cell for name in run.inputs if name.endswith(".ipynb") for cell in _cells_of_input(analyses / name)]
    return [*run.notebook.cells, *scripts, *notebooks]


def _cells_of_input(path: Path) -> tuple[str, ...]:
    """The code cells of a notebook that is an input; none of a file that is no such notebook, which is only read then."""
    try:
        return read_notebook(path, path.name).cells
    except (RunError, UnicodeDecodeError):
        return ()


def _declared(run: Run, analyses: Path, look: Look) -> Components:
    return {
        "cells": _cells(run.notebook),
        "parameters": dict(run.parameters),
        "inputs": {name: look.file(analyses / name) for name in run.inputs},
        "settings": {"threads": run.threads, "versions": run.versions},
    }


def computing_cells(notebook: Notebook) -> list[int]:
    """Indices of the code cells that do something: of no others is anything in the key."""
    return [index for index, source in enumerate(notebook.cells) if computing_text(source)]


def _cells(notebook: Notebook) -> dict[str, Any]:
    counted = computing_cells(notebook)
    hashes = {str(place): digest(computing_text(notebook.cells[index]))[:16] for place, index in enumerate(counted)}
    tagged = notebook.parameters_cell
    return {**hashes, "parameters": counted.index(tagged) if tagged in counted else None}


def _models(run: Run, revisions: dict[str, str]) -> Components:
    """No `names` without a model of runs.yml, as in locks of lensdoc 0.1, and no `sources` without one of the hub."""
    of_runs_yml = {"names": names_of(run, revisions), "sources": sources_of(run, revisions)}
    return {"model": dict(revisions)} | {component: parts for component, parts in of_runs_yml.items() if parts}


def computing_sources() -> dict[str, str]:
    """All modules of lensdoc that can change a record, with hashes of their files as they are: quicker than those of the code."""
    files = {path.relative_to(_PACKAGE.parent).with_suffix(""): path for path in _PACKAGE.rglob("*.py")}
    names = {".".join(module.parts).removesuffix(".__init__"): path for module, path in files.items()}
    return {name: digest(path.read_bytes()) for name, path in names.items() if name.startswith(_COMPUTING)}


def code_components(modules: Iterable[str], look: Look | None = None) -> dict[str, str]:
    """Hashes of those modules of lensdoc that compute; a module that is gone has an empty hash."""
    look = look or Look()
    found = {name: look.code(name) for name in sorted(modules) if name.startswith(_COMPUTING)}
    _HASHES.keep()
    return found


def executed_components(
    run: Run, static: Components, modules: Iterable[str], loaded: dict[str, str], imported: Iterable[str] = ()
) -> Components:
    """All components after an execution that imported the given modules of lensdoc.

    Args:
        run: The run.
        static: Its components before the execution.
        modules: Names of the modules that it imported; those of lensdoc that compute enter.
        loaded: Revisions of the models that it loaded; they replace those that were found before.
        imported: Further modules that the notebook was seen to import, whatever named them.
    """
    code = code_components(modules)
    sources = [file.read_text(encoding="utf-8") for name in code if (file := _file(name)).is_file()]
    models, precision = static["model"] | loaded, static["settings"]["versions"]
    return {
        **static,
        **_models(run, models),
        "code": code,
        "versions": static["versions"] | library_versions(sources, precision) | notebook_versions(imported, precision),
        "python": {"minor": _python()},
    }


@dataclass(frozen=True)
class Observation:
    """The components as they stand here, for comparison with those in the lock."""

    components: Components
    unchecked: tuple[str, ...]
    """What could not be observed, and counts as unchanged."""
    absent: tuple[str, ...]
    """Models that are not on this machine, each with its cure."""


def observe(run: Run, analyses: Path, locked: Components, look: Look | None = None) -> Observation:
    """Observe the components of a run.

    Modules, libraries and models are those of the lock: another one comes in only with a change of a cell, a parameter, an input
    or a module. Where a library or a model is missing this machine could not execute the run, so what it has says nothing.
    """
    look = look or Look()
    models = observed_models(run, analyses, locked.get("model", {}), look.model)
    known = locked.get("versions", {})
    installed = {} if models.absent else installed_versions(known, run.versions)
    missing = sorted(set(known) - set(installed))
    now = _declared(run, analyses, look) | {
        **_models(run, models.revisions),
        "code": code_components(locked.get("code", {}), look),
        "versions": installed | {name: known[name] for name in missing},
        "python": dict(locked.get("python", {})) if missing or models.absent else {"minor": _python()},
    }
    libraries = ["versions of libraries and Python"] if models.absent else missing
    return Observation(now, (*libraries, *models.unchecked), tuple(models.absent))


def _file(module: str) -> Path:
    path = _PACKAGE.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _code_hash(module: str) -> str:
    file = _file(module)
    return _HASHES.of(file.read_text(encoding="utf-8")) if file.is_file() else ""


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"
