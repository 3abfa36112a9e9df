"""The script and the style sheets of figures and notebooks, as built into the package, and the licences of what they include."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "assets"
SCRIPT = "lensdoc.js"
DRAWING = "drawing.js"
"""Draws figures to be saved; `SCRIPT` loads it when a reader first asks, and names it with a hash of its content."""
FAMILIES = ("attention.js", "causal.js", "draw.js", "live.js", "plot.js", "several.js", "steps.js", "table.js")
"""Views of some kinds, of several records and of steps, and what draws figures in the page.

`SCRIPT` loads one when a page needs it, and names it with a hash of its content.
"""
SIZED = "sized.js"
"""For pages of other sites: sets the heights of frames that show figures alone."""
STYLE = "lensdoc.css"
ARTICLE_STYLE = "article.css"
"""Articles in the theme Material, and all of `STYLE`."""
EMBED_STYLE = "embed.css"
"""What a page with one figure alone needs beside `STYLE`."""
NOTEBOOK_STYLE = "notebook.css"
LICENCES = "lensdoc.licences.txt"
PLACE = "assets/lensdoc"
"""Where a site has them."""
MATH = FOLDER / "katex"
"""KaTeX, which pages with formulas load: script, style sheet, fonts and licence."""


def math() -> list[Path]:
    """The files of KaTeX."""
    return sorted(path for path in MATH.rglob("*") if path.is_file())


def of_sites() -> dict[str, Path]:
    """What every site has, by its path below the site's folder of ours: names of scripts and styles change with their content."""
    named = {hashed(name): FOLDER / name for name in (SCRIPT, STYLE, EMBED_STYLE, NOTEBOOK_STYLE)}
    kept = {name: FOLDER / name for name in (DRAWING, SIZED, *FAMILIES, LICENCES)}
    return named | kept | {path.relative_to(FOLDER).as_posix(): path for path in math()}


def of_live() -> dict[str, Path]:
    """The engine of live figures, for sites that have one: a worker's script, and the runtime that it loads on request."""
    return {f"live/{name}": FOLDER / "live" / name for name in ("worker.js", "runtime.wasm.gz")}


def of_articles() -> dict[str, Path]:
    """What sites in the theme Material have besides: the style sheet of articles, and the fonts that it names."""
    fonts = sorted((FOLDER / "fonts").iterdir())
    return {hashed(ARTICLE_STYLE): FOLDER / ARTICLE_STYLE} | {f"fonts/{path.name}": path for path in fonts}


@cache
def read(name: str) -> str:
    """Text of an asset."""
    return (FOLDER / name).read_text(encoding="utf-8")


def hashed(name: str) -> str:
    """The asset's name with a hash of its content, so that browsers may keep it for good."""
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(read(name).encode()).hexdigest()[:8]}.{suffix}"
