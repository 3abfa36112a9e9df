"""The key of a run: everything that its results depend on, as far as it can be seen.

Components, each with a value that `status --why` can print:

    cells        hash of each code cell in order, and which of them holds the parameters
    parameters   the merged parameters (a seed or dtype is one of them)
    inputs       content hash of each declared input
    model        the revision that the parameter `model` stands for
    code         hash of each computing module of lensdoc that the run imported, without docstrings and comments
    versions     minor version of each computing library that the run imported
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
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from lensdoc.pipeline.runs import Run
from lensdoc.records.model_files import content_revision, local_folder

Components = dict[str, dict[str, Any]]
"""Component to its parts, each a JSON value."""

LIBRARIES = {
    "numpy": "numpy",
    "safetensors": "safetensors",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "tokenizers": "tokenizers",
    "torch": "torch",
    "transformers": "transformers",
}
"""Libraries that compute: name of the module to name of the distribution."""
_COMPUTING = ("lensdoc.measures", "lensdoc.models", "lensdoc.records")
"""Packages of lensdoc that can change a record; the others only draw, publish or run."""
_PACKAGE = Path(__file__).parents[1]


def digest(data: bytes | str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def key_of(components: Components) -> str:
    """The key: the hash of the canonical JSON of all components."""
    return digest(json.dumps(components, sort_keys=True, allow_nan=False))


def static_components(run: Run, analyses: Path) -> Components:
    """The components that can be told without executing anything; inputs are read below the folder `analyses`."""
    cells = {str(i): digest(source)[:16] for i, source in enumerate(run.notebook.cells)}
    return {
        "cells": {**cells, "parameters": run.notebook.parameters_cell},
        "parameters": dict(run.parameters),
        "inputs": {name: digest((analyses / name).read_bytes()) for name in run.inputs},
        "model": _model(run.parameters),
    }


def computing_modules() -> list[str]:
    """All modules of lensdoc that can change a record."""
    files = (path.relative_to(_PACKAGE.parent).with_suffix("") for path in _PACKAGE.rglob("*.py"))
    names = (".".join(path.parts).removesuffix(".__init__") for path in files)
    return [name for name in names if name.startswith(_COMPUTING)]


def code_components(modules: Iterable[str]) -> dict[str, str]:
    """Hashes of those modules of lensdoc that compute; a module that is gone has an empty hash."""
    return {name: _code_hash(name) for name in sorted(modules) if name.startswith(_COMPUTING)}


def version_components(modules: Iterable[str]) -> dict[str, str]:
    """Minor versions of the computing libraries among imported modules; those not installed here are left out."""
    found = {LIBRARIES[name]: _minor_version(LIBRARIES[name]) for name in sorted(modules) if name in LIBRARIES}
    return {name: minor for name, minor in found.items() if minor is not None}


def executed_components(static: Components, modules: Iterable[str], revision: str) -> Components:
    """All components after an execution that imported the given modules and measured the model of this revision."""
    modules = list(modules)
    return static | {
        "model": {"revision": revision},
        "code": code_components(modules),
        "versions": version_components(modules),
        "python": {"minor": _python()},
    }


def observed_components(run: Run, analyses: Path, locked: Components) -> tuple[Components, list[str]]:
    """The components as they stand here, for comparison with those in the lock, and what could not be observed."""
    versions = version_components({module for module, name in LIBRARIES.items() if name in locked.get("versions", {})})
    unchecked = sorted(set(locked.get("versions", {})) - set(versions))
    now = static_components(run, analyses) | {
        "code": code_components(locked.get("code", {})),
        "versions": versions | {name: locked["versions"][name] for name in unchecked},
        # Without the libraries this Python could not execute the run, so its own version says nothing.
        "python": dict(locked.get("python", {})) if unchecked else {"minor": _python()},
    }
    if not now["model"]:  # a hub model, whose commit would have to be asked for
        now["model"] = dict(locked.get("model", {}))
        unchecked.append(f"revision of {run.parameters.get('model', 'the model')}")
    return now, unchecked


def differences(before: Components, after: Components, numbers: Sequence[int] = ()) -> list[str]:
    """What changed, from what to what, one line each; `numbers` are those of the code cells among all cells."""

    def named(component: str, part: str) -> str:
        known = component == "cells" and part.isdigit() and int(part) < len(numbers)
        return f"cell {numbers[int(part)]}" if known else f"{component} {part}"

    return [
        f"{named(component, part)}: {_shown(before.get(component, {}).get(part))} -> {_shown(after.get(component, {}).get(part))}"
        for component in sorted(before.keys() | after.keys())
        for part in sorted(before.get(component, {}).keys() | after.get(component, {}).keys())
        if before.get(component, {}).get(part) != after.get(component, {}).get(part)
    ]


def _shown(value: object) -> str:
    text = "none" if value is None else json.dumps(value)
    return text if len(text) <= 40 else f"{text[:36]}...{text[-1]}"  # noqa: PLR2004 - keeps one line


def _model(parameters: Mapping[str, Any]) -> dict[str, str]:
    name = parameters.get("model")
    folder = local_folder(name) if isinstance(name, str) else None
    return {"revision": content_revision(folder)} if folder else {}


def _code_hash(module: str) -> str:
    path = _PACKAGE.joinpath(*module.split(".")[1:])
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return digest(_code(file.read_text(encoding="utf-8")))[:16] if file.is_file() else ""


def _code(source: str) -> str:
    """The source without comments and docstrings: text, since every Python unparses and tokenizes a little otherwise."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            lines[token.start[0] - 1] = lines[token.start[0] - 1][: token.start[1]]
    for node in ast.walk(ast.parse(source)):
        # Strings that stand alone are docstrings, of modules, functions, classes or attributes.
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.end_lineno:
            lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
    return "\n".join(line.rstrip() for line in lines if line.strip())


@cache
def _minor_version(distribution: str) -> str | None:
    try:
        return ".".join(version(distribution).split("+")[0].split(".")[:2])
    except PackageNotFoundError:
        return None


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"
