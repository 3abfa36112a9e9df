"""How code and text of notebooks look, and what is hidden; an engine says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """What an engine decides of the pages of notebooks."""

    code: Callable[[str, str], str]
    """HTML of highlighted code, from the code and its language."""
    text: Callable[[str], str]
    """HTML of a text as a terminal shows it, from text with its control sequences."""
    shows_code: bool = True
    shows_counts: bool = True
    """Whether the number of a cell stands beside its code."""
    without_cell: frozenset[str] = frozenset()
    """Tags of cells that are left out."""
    without_code: frozenset[str] = frozenset()
    """Tags of cells whose code is left out."""
    without_outputs: frozenset[str] = frozenset()
    """Tags of cells whose outputs are left out."""
    without_output: frozenset[str] = frozenset()
    """Tags of outputs that are left out."""
