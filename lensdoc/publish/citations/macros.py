r"""LaTeX macros of bibliographies that pylatexenc lacks, and those that nobody knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from pylatexenc.latex2text import MacroTextSpec, get_default_latex_context_db
from pylatexenc.latexwalker import (
    LatexMacroNode,
    LatexMathNode,
    LatexNode,
    LatexWalker,
    LatexWalkerError,
)
from pylatexenc.latexwalker import get_default_latex_context_db as get_default_syntax
from pylatexenc.macrospec import std_macro

_NAMES = "LaTeX TeX BibTeX BibLaTeX XeTeX XeLaTeX LuaTeX LuaLaTeX pdfTeX pdfLaTeX ConTeXt KaTeX AMS".split()  # noqa: SIM905 - words
_WORDS = dict(zip(_NAMES, _NAMES, strict=True)) | {
    "LaTeXe": "LaTeX2ε",
    "AmS": "AMS",
    "S": "§",
    "P": "¶",
    "copyright": "©",
    "pounds": "£",
    "euro": "€",
    "textgreater": ">",
    "textless": "<",
    "textbar": "|",
    "slash": "/",
    "space": " ",
    "thinspace": " ",
    "etal": "et al.",
}
_SHOWN = ["texttt", "textsf", "textup", "textmd", "mbox", "url"]
"""They have an argument, which is shown."""
_LOOKS = (  # noqa: SIM905 - words
    "em it bf sc tt rm sf sl itshape slshape scshape upshape bfseries mdseries rmfamily sffamily ttfamily normalfont tiny small "
    "large Large huge Huge boldmath hbox textsuperscript textsubscript protect relax nocase uppercase MakeUppercase lowercase "
    "MakeLowercase xspace newblock break linebreak allowbreak leavevmode unskip nolinkurl path / @"
).split()
"""They change how what follows looks, or where lines end."""
_HIDDEN = ["noopsort", "SortNoop", "noop"]
"""They have an argument, by which BibTeX sorts and which nobody sees."""

CONTEXT = get_default_latex_context_db()
"""What macros stand for."""
CONTEXT.add_context_category(
    "lensdoc",
    prepend=True,
    macros=[
        *(MacroTextSpec(name, text) for name, text in _WORDS.items()),
        *(MacroTextSpec(name, "%s") for name in _SHOWN),
        MacroTextSpec("href", "%(2)s"),
        *(MacroTextSpec(name, discard=True) for name in [*_LOOKS, *_HIDDEN]),
    ],
)
_MACRO = re.compile(r"\\([A-Za-z]+|.)", re.DOTALL)
SYNTAX = get_default_syntax()
"""Which arguments they have."""
SYNTAX.add_context_category(
    "lensdoc", prepend=True, macros=[*(std_macro(name, "{") for name in _HIDDEN), std_macro("href", "{{")]
)
_BARE = re.compile(r"(?<!\\)([%&#])")


def literal(text: str) -> str:
    """Text in which LaTeX's comments, columns and arguments are characters: none of them stands in a bibliography."""
    return _BARE.sub(r"\\\1", text)


@lru_cache(1000)
def unknown_macros(text: str) -> tuple[str, ...]:
    r"""Macros of a field, outside of formulas, that would be left out, each once.

    >>> unknown_macros(r"\LaTeX{} and \foo{bar}")
    ('\\foo',)
    """
    if all(CONTEXT.get_macro_spec(name) for name in _MACRO.findall(text)):
        return ()
    try:
        nodes, _, _ = LatexWalker(literal(text), latex_context=SYNTAX).get_latex_nodes()
        return tuple(dict.fromkeys(f"\\{name}" for name in _unknown(nodes)))
    except (LatexWalkerError, RecursionError, ValueError):
        return ()


def _unknown(nodes: Sequence[LatexNode | None]) -> Iterator[str]:
    for node in nodes:
        if node is None or isinstance(node, LatexMathNode):
            continue
        if isinstance(node, LatexMacroNode) and CONTEXT.get_macro_spec(node.macroname) is None:
            yield node.macroname
        arguments = getattr(node, "nodeargd", None)
        yield from _unknown(getattr(arguments, "argnlist", None) or ())
        yield from _unknown(getattr(node, "nodelist", None) or ())
