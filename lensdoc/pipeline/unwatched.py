"""What a run depends on and no key holds, in words: `lensdoc status --why` and the footers of figures say it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lensdoc.pipeline.cell_text import computing_text

UNKNOWN = ("what its notebook does beside computing: it was executed by an earlier lensdoc",)
"""Of a run whose execution was not observed."""
_ENVIRONMENT = re.compile(r"\b(?:environb?|getenvb?|putenv|unsetenv)\b|^\s*%(?:set_)?env\b", re.MULTILINE)
_MOST = 5
"""Names that are told of one sort."""


def unwatched(sources: Iterable[str], seen: Mapping[str, Any]) -> tuple[str, ...]:
    """What was seen of an execution that no key holds, one thing each.

    Args:
        sources: The code cells of the run and its inputs that are code.
        seen: What `lensdoc.pipeline.observer` noted in the kernel.
    """
    texts = [computing_text(source) for source in sources]
    return (
        *(["environment variables"] if any(map(_ENVIRONMENT.search, texts)) else []),
        *(["imports by a computed name"] if any(map(_imports_by_computed_name, texts)) else []),
        *_listed("module outside analyses/", seen["outside"]),
        *_listed("program", seen["programs"]),
        *_listed("file that is no input", seen["files"]),
        *(["the network"] if seen["network"] else []),
    )


def _listed(what: str, names: Iterable[str]) -> Iterator[str]:
    found = sorted(names)
    yield from (f"{what}: {name}" for name in found[:_MOST])
    if len(found) > _MOST:
        yield f"{what}: {len(found) - _MOST} more"


def _imports_by_computed_name(text: str) -> bool:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name_of(node.func) in _IMPORTING)
    return any(not (call.args and isinstance(call.args[0], ast.Constant)) for call in calls)


def _name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


_IMPORTING = {"import_module", "__import__"}
