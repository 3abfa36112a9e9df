"""The text of a notebook's cell as far as results can depend on it: without comments, blank lines and line endings."""

from __future__ import annotations

import ast
import re
from contextlib import suppress
from functools import cache

from lensdoc.pipeline.code_text import comments, nodes_of

_LINE_MAGIC = re.compile(r"^([ \t]*)(?:[%!?]|[\w., \[\]]+=[ \t]*[%!]|.*\?[ \t]*$)(?:.*\\\n)*.*$", re.MULTILINE)
"""Lines of IPython's own syntax: `%magic`, `!shell`, `x = !shell`, `?help`, with those that continue them."""


@cache
def computing_text(source: str) -> str:
    """What of a cell counts; empty for a cell that does nothing.

    Text in strings counts to the last space. A cell that begins with `%%`, and one that is no Python, counts as it is written,
    but for the endings of its lines and what is blank at its end.

    Args:
        source: The cell, with the endings of lines of any system.
    """
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    if not text.lstrip().startswith("%%"):
        for python in (text, as_python(text)):
            with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                return _without_comments(text, python, nodes_of(ast.parse(python)))
    return text.rstrip()


def as_python(cell: str) -> str:
    """A cell with lines that do nothing in place of those of IPython's own syntax, as many of them, `%%magic` included."""
    return _LINE_MAGIC.sub(lambda found: f"{found[1]}pass" + "\n" * found[0].count("\n"), cell)


def _without_comments(text: str, python: str, nodes: list[ast.AST]) -> str:
    """The text as it is written, without comments; `python` has the same lines, but for those of IPython's own syntax."""
    inside = _inside_strings(nodes)
    lines = [line.encode() for line in text.split("\n")]  # columns of the tree are bytes
    ends = {line: start for (line, start), _ in comments(python, nodes)}
    for line, start in ends.items():
        lines[line] = lines[line][:start]
    kept = [
        line.decode() if number in inside and number not in ends else line.decode().rstrip()
        for number, line in enumerate(lines)
        if line.strip() or number in inside
    ]
    return "\n".join(kept)


def _inside_strings(nodes: list[ast.AST]) -> set[int]:
    """Lines, from 0, whose end lies in a string."""
    found: set[int] = set()
    for node in nodes:
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)):
            found.update(range(node.lineno - 1, (node.end_lineno or node.lineno) - 1))
    return found
