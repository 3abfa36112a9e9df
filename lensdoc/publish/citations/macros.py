r"""LaTeX in bibliographies that pandoc would drop or misread, written so that it reads what is meant.

In BibTeX `%`, `&` and `#` are characters, and in LaTeX they are not; `\mbox`, `\BibTeX` and some more pandoc does not know.
"""

from __future__ import annotations

import re

_NAMES = "BibTeX BibLaTeX XeTeX XeLaTeX LuaTeX LuaLaTeX pdfTeX pdfLaTeX ConTeXt KaTeX AMS".split()  # noqa: SIM905 - words
_TEXTS = {name: f"{{{name}}}" for name in _NAMES} | {
    "LaTeXe": "{LaTeX2ε}",
    "AmS": "{AMS}",
    "textendash": "–",
    "textemdash": "—",
    "textbar": "|",
    "space": " ",
    "thinspace": " ",
    "nobreakspace": "~",
    "etal": "et al.",
    "texttrademark": "™",
    "degree": "°",
    "dag": "†",
    "ddag": "‡",
    "dh": "ð",
    "DH": "Ð",
    "th": "þ",
    "TH": "Þ",
    "ng": "ŋ",
    "NG": "Ŋ",
    "ij": "ij",
    "IJ": "IJ",
}
"""What commands stand for."""
_LOOKS = frozenset(
    (  # noqa: SIM905 - words
        "sc sf upshape mdseries rmfamily sffamily ttfamily normalfont tiny scriptsize footnotesize small normalsize large Large "
        "LARGE huge Huge boldmath mbox hbox protect relax nocase newblock break linebreak allowbreak leavevmode unskip path"
    ).split()
)
"""Commands that change how a text looks or where its lines end; their argument is shown."""
_HIDDEN = re.compile(r"\\(?:noopsort|SortNoop|noop)\s*\{[^{}]*\}")
"""Arguments by which BibTeX sorts, and that nobody sees."""
_COMMAND = re.compile(r"\\([A-Za-z]+)(?:\s*\{\}|[ \t]+(?!\{)|(?![A-Za-z]))")
_FORMULA = re.compile(r"((?<!\\)\$\$.*?(?<!\\)\$\$|(?<!\\)\$.*?(?<!\\)\$|\\\(.*?\\\)|\\\[.*?\\\])", re.DOTALL)
_BARE = re.compile(r"(?<!\\)([%&#])")
_DOTLESS = re.compile(r"\\([`'^\"~=.])\s*(?:\{\s*\\([ij])\s*\}|\\([ij])(?![A-Za-z])\s*)")
_WORD = re.compile(r"(?:[^\s$]|(?<!\\)\$[^$]*(?<!\\)\$)+")
_GLUED = re.compile(r"([\"'(\[`]*)((?=.*\w)[^{}]*?)([.,;:!?)\]\"'`]*)", re.DOTALL)
_CHARACTERS = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"} | {
    c: f"\\{c}" for c in "{}$&%#_"
}
_DOLLAR = re.compile(r"(?<!\\)\$")
_DEFINES = re.compile(r"\\(?:re)?newcommand|\\providecommand|\\newenvironment|\\[egx]?def(?![A-Za-z])|\\let(?![A-Za-z])|\\csname")
"""A bibliography has no commands of its own: one that calls another twice, and so on, would never be read to its end."""


def prepared(text: str) -> str:
    r"""The text of a field as pandoc reads it.

    >>> prepared(r"50% of \BibTeX{} in H$_2$O")
    '50\\% of {BibTeX} in {H$_2$O}'
    """
    if not re.search(r"[\\%&#$]", text):
        return text
    if _DEFINES.search(text):
        return literal(text)
    if len(_DOLLAR.findall(text)) % 2:
        text = _even(text)
    parts = _FORMULA.split(_WORD.sub(_as_one, text) if "$" in text else text)
    return "".join(part if n % 2 else _written(part) for n, part in enumerate(parts))


def literal(text: str) -> str:
    """LaTeX that shows a text as it is written, in its own capitals."""
    return "{" + "".join(_CHARACTERS.get(character, character) for character in text) + "}"


def _as_one(found: re.Match[str]) -> str:
    """A word with a formula in it, as `H$_2$O` or `$n$-gram`, which is one word when its case changes."""
    around = _GLUED.fullmatch(_FORMULA.sub("", found[0]))
    word = _GLUED.fullmatch(found[0]) if around and "$" in found[0] else None
    return f"{word[1]}{{{word[2]}}}{word[3]}" if word else found[0]


def _even(text: str) -> str:
    """The text with dollars that begin a price, or else all of them, as characters: one has no second."""
    prices = re.sub(r"(?<!\\)\$(?=\d)", r"\\$", text)
    return _DOLLAR.sub(r"\\$", prices) if len(_DOLLAR.findall(prices)) % 2 else prices


def _written(text: str) -> str:
    text = _BARE.sub(r"\\\1", _HIDDEN.sub("", text))
    if "\\" not in text:
        return text
    text = _DOTLESS.sub(lambda found: f"\\{found[1]}{{{found[2] or found[3]}}}", text)
    return _COMMAND.sub(lambda found: _TEXTS.get(found[1], "" if found[1] in _LOOKS else found[0]), text)
