"""Makes `unicode.json`, what the script that draws figures knows of characters: `python characters.py` here, with `regex`.

Browsers' regular expressions have no classes of direction and joining, and no names of characters. A class is a line of numbers
to the base 36: how many characters are not in it, how many are, and so on.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import regex

OUT = Path(__file__).parent.parent / "unicode.json"
CLASSES = {
    "left": r"\p{bc=L}",
    "right": r"[\p{bc=R}\p{bc=AL}]",
    "dual": r"\p{jt=D}",
    "after": r"\p{jt=R}",
    "transparent": r"\p{jt=T}",
}
"""Direction of letters, and how letters of Arabic and its like join."""
UNSEEN = r"[\p{Z}\p{Cf}\u115f\u1160\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]"
LONGEST = 25
"""Characters of a name that fits a line."""
_ALL = [*range(0xD800), *range(0xE000, 0x110000)]
_TEXT = "".join(map(chr, _ALL))


def classes() -> dict[str, str]:
    """The lengths of the stretches of each class, and of those between them."""
    return {name: " ".join(map(_base36, _lengths(found))) for name, found in CLASSES.items()}


def names() -> dict[str, str]:
    """The names of characters that cannot be seen, by their code points, where they are short."""
    unseen = regex.compile(UNSEEN)
    found = {f"{code:04X}": unicodedata.name(chr(code), "").lower() for code in _ALL if unseen.match(chr(code))}
    return {code: name for code, name in found.items() if 0 < len(name) <= LONGEST}


def _lengths(pattern: str) -> Iterator[int]:
    last = 0
    for found in regex.finditer(f"{pattern}+", _TEXT):
        first, end = ord(found[0][0]), ord(found[0][-1]) + 1
        yield from (first - last, end - first)
        last = end


def _base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


if __name__ == "__main__":
    OUT.write_text(json.dumps({**classes(), "names": names()}, indent=1) + "\n", encoding="utf-8")
