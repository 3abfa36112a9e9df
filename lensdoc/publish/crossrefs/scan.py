"""Figures, tables, equations and sections as the source of a page tells them: for lines, and for references from other pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice, takewhile

from lensdoc.publish.crossrefs.excerpts import LIVE, Cite, excerpt, plain
from lensdoc.publish.state.targets import Counter, Target
from lensdoc.publish.syntax.grammar import EQUATION, ID, NUMBERED_BLOCKS, SECTION
from lensdoc.publish.syntax.source import Source

_BLOCK = re.compile(
    rf"(?P<before>[ \t>*+-]*)(?P<slashes>/{{3,}})[ \t]*(?P<name>{'|'.join(NUMBERED_BLOCKS)})(?![\w-])(?P<argument>.*)"
)
_ID = re.compile(r"\bid:[ ]*[\"']?([\w-]+)|^[ ]*\|.*#([\w-]+)")
_HEADING = re.compile(r"[ >]*(#{1,6})[ \t]*(.+?)[ \t]*#*[ \t]*(\{:?[^{}]*\})?[ \t]*$")
_MOST_LINES = 200
"""Lines of options and caption that are read: a block that is never closed holds the rest of the page."""
_UNDERLINED = re.compile(r"(=+|-+)[ \t]*$")
_HEADING_ID = re.compile(r"#([\w-]+)")
_REFERENCE = re.compile(rf"{LIVE}({ID})")


def scan(
    source: Source, read: Callable[[str], str], *, number_sections: bool, cite: Cite = lambda key: (key, "")
) -> list[Target]:
    """What a page numbers, in its order.

    Args:
        source: The page.
        read: Gives the text of a code span that is a value.
        number_sections: Whether sections have numbers.
        cite: Names the works that captions cite.
    """
    counter = Counter(number_sections=number_sections)
    prose = list(source.prose())
    found = [target for i in range(len(prose)) for target in _target(prose, i, counter, read, cite)]
    labels = {target.id: target.label for target in found}
    return [replace(target, text=_REFERENCE.sub(lambda m: labels.get(m[1], f"@{m[1]}"), target.text)) for target in found]


def _target(prose: list[tuple[int, str]], i: int, counter: Counter, read: Callable[[str], str], cite: Cite) -> Iterator[Target]:
    line, text = prose[i]
    if block := _BLOCK.match(text):
        kind = NUMBERED_BLOCKS[block["name"]]
        options, content = _parts(prose, i + 1, block)
        named = _ID.search("\n".join([block["argument"], *options]))
        shown = content.strip() if kind == EQUATION else excerpt(content, read, cite)
        yield Target(named and (named[1] or named[2]), kind, counter.next(kind), shown, line)
        return
    under = prose[i + 1][1] if len(prose) > i + 1 and prose[i + 1][0] == line + 1 else ""
    underlined = _UNDERLINED.match(under) if text.strip() and not text.startswith((" ", "#", ">", "-", "|")) else None
    heading = _HEADING.match(f"{'#' if under[0] == '=' else '##'} {text}" if underlined else text)
    if heading:
        named = _HEADING_ID.search(heading[3] or "")
        yield Target(named and named[1], SECTION, counter.section(len(heading[1])), plain(heading[2], read), line)


def _parts(prose: list[tuple[int, str]], first: int, block: re.Match[str]) -> tuple[list[str], str]:
    """Option lines of a block, which are indented below it, and its content."""
    below = takewhile(lambda text: text.strip(" \t>") != block["slashes"], (prose[i][1] for i in range(first, len(prose))))
    lines = [text[len(block["before"]) :] for text in islice(below, _MOST_LINES)]
    begin = next((i for i, text in enumerate(lines) if not text.startswith(("    ", "\t"))), len(lines))
    return lines[:begin], "\n".join(lines[begin:])
