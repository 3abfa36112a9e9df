"""The libraries that results depend on: which of them a source imports, what these require, and which versions are installed."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from importlib import metadata
from typing import Literal

from lensdoc.pipeline.cell_text import as_python

Precision = Literal["minor", "exact"]
LIBRARIES = {
    "numpy": "numpy",
    "safetensors": "safetensors",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "tokenizers": "tokenizers",
    "torch": "torch",
    "transformers": "transformers",
}
"""Those with which lensdoc computes: name of the module to name of the distribution."""
_IMPORT = re.compile(r"(?:^|[;:])[ \t]*(?:from[ \t]+(\w+)[\w.]*[ \t]+import\b|import[ \t]+([^#;\n]+))", re.MULTILINE)
_IMPORTING = {"import_module", "__import__"}
"""Functions that import what their first argument names."""


def library_versions(sources: Iterable[str], precision: Precision) -> dict[str, str]:
    """Versions of the libraries with which modules of lensdoc compute, and of those that these require.

    What is imported is read from the text, and not from a running Python, where a library may be loaded that the run never asked
    for. Those not installed here are left out.

    Args:
        sources: The modules.
        precision: How much of a version counts.
    """
    imported = {module for source in sources for module in imported_modules(source)}
    return _versions({LIBRARIES[module] for module in imported & LIBRARIES.keys()}, precision)


def notebook_versions(modules: Iterable[str], precision: Precision) -> dict[str, str]:
    """Versions of all libraries among the modules that a notebook and its inputs import, and of those that compute for these.

    Args:
        modules: Top names of modules; those of Python, of lensdoc and of no library count for nothing.
        precision: How much of a version counts.
    """
    wanted = {module for module in modules if module not in sys.stdlib_module_names and module != "lensdoc"}
    others = wanted - LIBRARIES.keys()
    known = metadata.packages_distributions() if others else {}
    found = {LIBRARIES[module] for module in wanted & LIBRARIES.keys()}
    return _versions(found | {_canonical(name) for module in others for name in known.get(module, ())}, precision)


def _versions(names: set[str], precision: Precision) -> dict[str, str]:
    return installed_versions(names.union(*map(_required, names)), precision)


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_versions(distributions: Iterable[str], precision: Precision) -> dict[str, str]:
    """Versions of distributions, without those that are not installed here."""
    found = {name: _installed(name) for name in sorted(distributions)}
    return {
        name: version if precision == "exact" else ".".join(version.split(".")[:2])
        for name, version in found.items()
        if version is not None
    }


@cache
def _installed(distribution: str) -> str | None:
    """The version without the build that a platform adds, as in 2.13.0+cpu."""
    try:
        return metadata.version(distribution).split("+")[0]
    except metadata.PackageNotFoundError:
        return None


@cache
def imported_modules(source: str) -> frozenset[str]:
    """Top names of the modules that a source imports, in functions too, but not for type checkers only.

    The source may hold lines of IPython's own syntax; a cell in another language imports nothing.
    """
    try:
        return frozenset(_imports(ast.parse(source)))
    except (SyntaxError, ValueError):
        return _imported_by_cell(source)


def _imported_by_cell(source: str) -> frozenset[str]:
    with suppress(SyntaxError, ValueError):
        return frozenset(_imports(ast.parse(as_python(source))))
    found = _IMPORT.findall(source)
    return frozenset(name for one, several in found for name in [one, *map(_first_word, several.split(","))] if name)


def _first_word(text: str) -> str:
    words = text.partition(".")[0].split()
    return words[0] if words and words[0].isidentifier() else ""


def _imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name.split(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module.split(".")[0]
    elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        yield from (name for child in node.orelse for name in _imports(child))
    else:
        if isinstance(node, ast.Call):
            yield from _named_by_call(node)
        yield from (name for child in ast.iter_child_nodes(node) for name in _imports(child))


def _named_by_call(call: ast.Call) -> Iterator[str]:
    """What a call of `importlib` names."""
    name = getattr(call.func, "attr", None) or getattr(call.func, "id", None)
    if name in _IMPORTING and call.args and isinstance(call.args[0], ast.Constant):
        named = str(call.args[0].value)
        yield from [] if named.startswith(".") else [named.split(".", maxsplit=1)[0]]


@cache
def _required(distribution: str) -> frozenset[str]:
    """Those of `LIBRARIES` that one of them requires, whatever its extras, and that these require in turn."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    try:
        requirements = [Requirement(text) for text in metadata.requires(distribution) or ()]
    except metadata.PackageNotFoundError:
        return frozenset()
    needed = {canonicalize_name(r.name) for r in requirements if r.marker is None or r.marker.evaluate({"extra": ""})}
    names = {str(name) for name in needed & set(LIBRARIES.values())}
    return frozenset(names.union(*map(_required, names)))
