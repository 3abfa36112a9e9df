"""Fields of a BibTeX file as Unicode text: LaTeX decoded, math kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexGroupNode, LatexMacroNode, LatexNode, LatexWalker, LatexWalkerError

from lensdoc.publish.citations.marks import clean

_LONGEST = 20_000
"""No title is longer; what is stays as it was written."""
_KEPT = 10_000
"""Names and journals stand in many entries; decoding one takes a tenth of a millisecond or more."""
_TOUCHED = re.compile(r"[\\{}$~`']|--")
"""What else a text holds reads the same in LaTeX."""
_BARE = re.compile(r"(?<!\\)([%&#])")
"""LaTeX's comments, columns and arguments are none of them in a bibliography."""
_TO_TEXT = LatexNodes2Text(math_mode="verbatim", keep_comments=True, strict_latex_spaces=True)


@lru_cache(_KEPT)
def decode(text: str) -> str:
    r"""The text of a field.

    >>> decode(r"Rockt{\"a}schel \& others")
    'Rocktäschel & others'
    """
    return _tidy("".join(part for part, _ in _decoded(text)))


@lru_cache(_KEPT)
def segments(text: str) -> tuple[tuple[str, bool], ...]:
    """The text of a field in parts, each with whether braces protect its case: `ex{BERT}` is `ex` and the protected `BERT`."""
    parts = [(clean(re.sub(r"\s+", " ", part)), kept) for part, kept in _decoded(text.strip())]
    return tuple((part, kept) for part, kept in parts if part)


def _decoded(text: str) -> Iterator[tuple[str, bool]]:
    if len(text) > _LONGEST or not _TOUCHED.search(text):
        yield text, False
        return
    try:
        nodes, _, _ = LatexWalker(_BARE.sub(r"\\\1", text)).get_latex_nodes()
        for protected, run in groupby(nodes, _protects):
            yield _TO_TEXT.nodelist_to_text(list(run)), protected
    except (LatexWalkerError, RecursionError, ValueError):
        yield text, False


def _protects(node: LatexNode) -> bool:
    """Whether a node is a pair of braces that keeps capitals, and not one around an accent."""
    return isinstance(node, LatexGroupNode) and not (node.nodelist and isinstance(node.nodelist[0], LatexMacroNode))


def _tidy(text: str) -> str:
    return clean(" ".join(text.split()))
