"""Finds in a notebook's prose what only Markdown pages resolve: values, sparklines, citations and blocks of lensdoc."""

from __future__ import annotations

import re

from lensdoc.publish.syntax.grammar import CODE_SPAN, SPARKLINE, VALUE

_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,}).*?(?:^[ \t]*\1|\Z)", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(CODE_SPAN)
_CITATION = re.compile(r"\[-?@[\w][\w:.#$%&+?<>~/-]*[^\[\]\n]*\](?![(\[])")
_BLOCK = re.compile(
    r"^/{3,}[ \t]*(?:explorable|equation|aside|hero|columns|steps|step|when|figure-caption|table-caption)\b.*", re.MULTILINE
)


def unresolved(source: str) -> str | None:
    """What a Markdown cell has that the page of a notebook shows as it is written; None where it has nothing of that.

    Args:
        source: The source of the cell.
    """
    text = _FENCED.sub("", source)
    for span in _SPAN.finditer(text):
        if VALUE.match(span[2]) or SPARKLINE.match(span[2]):
            return span[0]
    found = _CITATION.search(_SPAN.sub("", text)) or _BLOCK.search(text)
    return found[0] if found else None
