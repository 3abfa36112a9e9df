"""What both the first state of a figure and its script need: `shared.json`, which the build of the script includes.

Lengths that only one of them needs stand where they are used; numbers of a single figure travel in its data.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parent / name).read_text("utf-8"))
    return found


_READ = _read("shared.json")
SIZES: dict[str, dict[str, Any]] = _read("sizes.json")
"""Sizes of drawings that Python and the script make alike, by what they belong to."""
_WORDS = _read("words.json")
NAMES: dict[str, str] = _read("unicode.json")["names"]
"""Short names of characters that cannot be seen, by their code points in hexadecimal."""


def said(name: str, /, **values: object) -> str:
    """A sentence, or a word, that Python and the script write alike, with its values.

    Args:
        name: Where it stands in `words.json`: `saliency.hint`.
        values: What stands in it in braces.
    """
    found = _WORDS
    for part in name.split("."):
        found = found[part]
    return str(found).format(**values)


def heads(name: str) -> tuple[str, ...]:
    """The heads of a table."""
    found = _WORDS
    for part in name.split("."):
        found = found[part]
    return tuple(found)


SHARE_LEAST: float = _READ["numbers"]["share"]["least"]
"""Percent: what is less, and not 0, is said to be less."""
SHARE_WHOLE: float = _READ["numbers"]["share"]["whole"]
"""Percent: from here on without decimals."""
SHARE_DECIMALS: int = _READ["numbers"]["share"]["decimals"]
"""Decimals of what is less than that."""

SCORE_DECIMALS: int = _READ["numbers"]["score"]["decimals"]
SCORE_MOST: float = _READ["numbers"]["score"]["most"]
"""Scores of this size and above are rounded to digits instead of decimals."""

DIGITS: int = _READ["numbers"]["digits"]["count"]
"""Significant digits of a measured value."""
PLAIN: tuple[float, float] = (_READ["numbers"]["digits"]["least"], _READ["numbers"]["digits"]["most"])
"""From the first to below the second, such values are written without an exponent."""

TOKENS_NAMED: int = _READ["tokens"]["named"]
"""Tokens that a line names as the most important ones."""
TOKENS_LABELLED: float = _READ["tokens"]["labelled"]
"""Beside bars, a smaller share has no number at its token."""

PASSAGES: int = _READ["passages"]["places"]
"""Places in the list below a long text."""
TOKENS_AROUND: int = _READ["passages"]["tokens"]
"""Tokens on each side of a place of the list, from which its words come."""
CHARACTERS_BEFORE: int = _READ["passages"]["before"]
CHARACTERS_AFTER: int = _READ["passages"]["after"]
"""Characters of these words."""

SPARKLINE_POINTS: int = _READ["sparkline"]["points"]
"""Points of a sparkline; a longer text keeps the largest of each stretch."""
