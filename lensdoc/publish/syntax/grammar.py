"""The constants of the authoring syntax: what begins a value, what a reference may name, which elements the page has for them.

This module imports nothing, so that every other can take the syntax from here.
"""

from __future__ import annotations

import re

CODE_SPAN = r"(?<![\\`])(`+)(?!`)(.+?)(?<!`)\1(?!`)"
"""A code span: its ticks, its content."""
VALUE = re.compile(r"\{val\}\s*")
"""Begins a code span that is a value."""
SPARKLINE = re.compile(r"\{spark\}\s*")
"""Begins a code span that is a sparkline."""
MISTYPED = re.compile(r"\{\s*(?:val|spark)\w*\s*\}", re.IGNORECASE)
"""Begins a code span that was meant as a value or a sparkline."""
UNKNOWN_VALUE = "??"
"""Shown where a value could not be found."""

FIGURE, TABLE, EQUATION, SECTION = "fig", "tbl", "eq", "sec"
WORDS = {
    FIGURE: ("Figure", "Figures"),
    TABLE: ("Table", "Tables"),
    EQUATION: ("Equation", "Equations"),
    SECTION: ("Section", "Sections"),
}
"""The first part of an id, and the word for it in prose: singular, plural."""
ID = rf"(?:{'|'.join(WORDS)})-[\w-]*[^\W_]"
"""An id that a reference can name: `fig-two`."""
NUMBERED_BLOCKS = {
    "explorable": FIGURE,
    "live": FIGURE,
    "table": TABLE,
    "figure-caption": FIGURE,
    "table-caption": TABLE,
    "equation": EQUATION,
}
"""Blocks that get a number, and its kind."""

TABLE_CLASS = "ld-tabled"
"""Class of a figure that is a table of data, and numbered as one."""

FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*\n?", re.DOTALL | re.MULTILINE)
"""The front matter of a file, and in it what is YAML."""

MATH = "lens-math"
"""The element that holds a formula."""
EQUATION_CLASS = "ld-equation"
"""Class of the element around a numbered formula."""

UNKNOWN_REFERENCE = "??"
"""Shown for a cross-reference that leads nowhere."""
REFERENCE_CLASS, REFERENCES_CLASS = "ld-ref", "ld-refs"
"""Class of a cross-reference, and of the element around several in brackets."""
