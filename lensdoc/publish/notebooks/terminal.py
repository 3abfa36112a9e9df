"""Text of outputs as a terminal would show it: carriage returns and backspaces move back, and what follows is written over."""

from __future__ import annotations

import re

_MOVES = re.compile(r"[\r\b]")
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
"""A sequence that changes colours, or names a link; it takes no room."""


def as_shown(text: str) -> str:
    r"""The text without carriage returns and backspaces: what progress bars leave on the screen.

    >>> as_shown("10%\r55%\r100%")
    '100%'
    >>> as_shown("abc\b\bx")
    'axc'
    """
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(_line(line) if _MOVES.search(line) else line for line in lines)


def _line(line: str) -> str:
    cells: list[str] = []
    """Characters, each with the sequences before it."""
    pending, column, at = "", 0, 0
    while at < len(line):
        if escape := _ESCAPE.match(line, at):
            pending += escape[0]
            at = escape.end()
            continue
        character = line[at]
        at += 1
        if character == "\r":
            column = 0
        elif character == "\b":
            column = max(column - 1, 0)
        else:
            cells[column : column + 1] = [pending + character]
            pending = ""
            column += 1
    return "".join(cells) + pending
