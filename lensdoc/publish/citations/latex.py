"""Fields of a BibTeX file as Unicode text: LaTeX decoded, formulas kept as TeX."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexGroupNode, LatexMacroNode, LatexNode, LatexWalker, LatexWalkerError

from lensdoc.publish.citations.macros import CONTEXT, SYNTAX, literal
from lensdoc.publish.citations.marks import CLOSE, MATH, clean
from lensdoc.publish.citations.marks import plain as without_marks

_LONGEST = 20_000
"""No title is longer; what is stays as it was written."""
_KEPT = 10_000
"""Names and journals stand in many entries; decoding one takes a tenth of a millisecond or more."""
_TOUCHED = re.compile(r"[\\{}$~`']|--")
"""What else a text holds reads the same in LaTeX."""
_FORMULA = re.compile(rf"{MATH}\\\((.*?)\\\){CLOSE}", re.DOTALL)


class _Text(LatexNodes2Text):  # type: ignore[misc] # it has no types
    """Marks formulas, so that they become elements where they are shown."""

    def math_node_to_text(self, node: LatexNode) -> str:
        """The TeX between marks; a dollar without its second is one."""
        written: str = node.latex_verbatim()
        ends = getattr(node, "delimiters", ("", ""))
        if len(written) <= len("".join(ends)) or not written.endswith(ends[1]):
            return written
        tex = " ".join(written[len(ends[0]) : len(written) - len(ends[1])].split())
        return rf"{MATH}\({tex}\){CLOSE}"


_TO_TEXT = _Text(latex_context=CONTEXT, math_mode="verbatim", keep_comments=True, strict_latex_spaces=True)


@lru_cache(_KEPT)
def decode(text: str) -> str:
    r"""The text of a field.

    >>> decode(r"Rockt{\"a}schel \& others")
    'Rocktäschel & others'
    """
    return _tidy(_FORMULA.sub(r"\1", "".join(part for part, _ in _decoded(text))))


@lru_cache(_KEPT)
def segments(text: str) -> tuple[tuple[str, bool], ...]:
    """The text of a field in parts, each with whether its case is kept: `ex{BERT}` is `ex` and the protected `BERT`."""
    parts = [part for text, kept in _decoded(text.strip()) for part in _without_formulas(text, kept=kept)]
    return tuple((part, kept) for part, kept in parts if part)


def _without_formulas(text: str, *, kept: bool) -> Iterator[tuple[str, bool]]:
    done = 0
    for found in _FORMULA.finditer(text):
        yield _loose(text[done : found.start()]), kept
        yield rf"{MATH}\({clean(found[1])}\){CLOSE}", True
        done = found.end()
    yield _loose(text[done:]), kept


def _loose(text: str) -> str:
    return clean(re.sub(r"\s+", " ", text))


def _decoded(text: str) -> Iterator[tuple[str, bool]]:
    text = without_marks(text)
    if len(text) > _LONGEST or not _TOUCHED.search(text):
        yield text, False
        return
    try:
        nodes, _, _ = LatexWalker(literal(text), latex_context=SYNTAX).get_latex_nodes()
        runs = [(_TO_TEXT.nodelist_to_text(list(run)), protected) for protected, run in groupby(nodes, _protects)]
    except (LatexWalkerError, RecursionError, ValueError, LookupError):
        runs = [(text, False)]
    yield from runs


def _protects(node: LatexNode) -> bool:
    """Whether a node is a pair of braces that keeps capitals, and not one around an accent."""
    return isinstance(node, LatexGroupNode) and not (node.nodelist and isinstance(node.nodelist[0], LatexMacroNode))


def _tidy(text: str) -> str:
    return clean(" ".join(text.split()))
