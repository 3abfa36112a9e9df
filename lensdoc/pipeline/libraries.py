"""The libraries that compute: which of them a source imports, what these require, and which versions are installed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from typing import Literal

LIBRARIES = {
    "numpy": "numpy",
    "safetensors": "safetensors",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "tokenizers": "tokenizers",
    "torch": "torch",
    "transformers": "transformers",
}
"""Name of the module to name of the distribution."""
_IMPORT = re.compile(r"^\s*(?:import|from)\s+(\w+)", re.MULTILINE)
_MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)


def library_versions(sources: Iterable[str], precision: Literal["minor", "exact"]) -> dict[str, str]:
    """Versions of the libraries that some sources import, and of those that these require.

    What is imported is read from the text, and not from a running Python, where a library may be loaded that the run never asked
    for. Those not installed here are left out.
    """
    names = {LIBRARIES[module] for source in sources for module in _imported(source)}
    return installed_versions(names.union(*map(_required, names)), precision)


def installed_versions(distributions: Iterable[str], precision: Literal["minor", "exact"]) -> dict[str, str]:
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
def _imported(source: str) -> frozenset[str]:
    """Modules among `LIBRARIES` that a source imports, in functions too, but not for type checkers only."""
    try:
        names = set(_imports(ast.parse(_MAGIC.sub("", source))))
    except SyntaxError:  # a cell with more of IPython's syntax in it
        names = set(_IMPORT.findall(source))
    return frozenset(names & LIBRARIES.keys())


def _imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name.split(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module.split(".")[0]
    elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        yield from (name for child in node.orelse for name in _imports(child))
    else:
        yield from (name for child in ast.iter_child_nodes(node) for name in _imports(child))


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
