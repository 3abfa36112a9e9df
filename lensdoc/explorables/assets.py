"""The script and the style sheets of figures and notebooks, as built into the package, and the licences of what they include."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "assets"
SCRIPT = "lensdoc.js"
STYLE = "lensdoc.css"
ARTICLE_STYLE = "article.css"
"""Articles in the theme Material, and all of `STYLE`."""
EMBED_STYLE = "embed.css"
"""What a page with one figure alone needs beside `STYLE`."""
NOTEBOOK_STYLE = "notebook.css"
LICENCES = "lensdoc.licences.txt"
MATH = FOLDER / "katex"
"""KaTeX, which pages with formulas load: script, style sheet, fonts and licence."""


def math() -> list[Path]:
    """The files of KaTeX."""
    return sorted(path for path in MATH.rglob("*") if path.is_file())


@cache
def read(name: str) -> str:
    """Text of an asset."""
    return (FOLDER / name).read_text(encoding="utf-8")


def hashed(name: str) -> str:
    """The asset's name with a hash of its content, so that browsers may keep it for good."""
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(read(name).encode()).hexdigest()[:8]}.{suffix}"
