"""Numbers that an article's prose states by itself, instead of looking them up.

Not prose, and left out: front matter, fences, comments, headings, the first line and the options of a block, formulas, code spans
(values among them), the targets of links, citations, and F1, F2..., which are names that a figure gives its factors.

A number is any digit; cardinals from two on; ordinals from second on, and fractions; half, quarter, twice, double, dozen. Not
counted are zero, an origin and no count; first and last, which are ends; and `one`, mostly a pronoun, unless a noun of what
runs count follows it: one layer, one token.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_NOT_PROSE = [
    r"(?s)\A---\n.*?\n---\n",
    r"(?ms)^(`{3,}|~{3,}).*?^\1 *$",
    r"(?s)<!--.*?-->",
    r"(?m)^ *#{1,6} .*$",
    r"(?m)^/{3,}.*\n(?:    .*\n)*",
    r"(?s)\$\$.*?\$\$",
    r"\$[^$\n]+\$",
    r"(?s)(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)",
    r"\{[.:#][^}\n]*\}",
    r"(?<=\])\([^)\n]*\)",
    r"\[[^\[\]]*@[^\[\]]*\]",
    r"@[\w:.#$%&+?<>~/-]*\w",
    r"\bF\d+\b",
]
_CARDINALS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
    "|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|dozen"
)
_ORDINALS = (
    "second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|(?:thir|four|fif|six|seven|eigh|nine)teenth"
    "|twentieth|hundredth|thousandth"
)
_OTHERS = "half|halves|quarter|twice|thrice|double|triple"
_COUNTED = "layer|token|neuron|factor|cluster|head|position|text|number|word|step|weight|country|model|prompt|verb"
_NUMBER = re.compile(rf"\S*\d\S*|\b(?:{_CARDINALS}|{_ORDINALS}|{_OTHERS})s?\b|\bone (?:{_COUNTED})\b", re.IGNORECASE)
_AROUND = 40


def prose(markdown: str) -> str:
    """The sentences of a page, on one line."""
    for pattern in _NOT_PROSE:
        markdown = re.sub(pattern, " ", markdown)
    return " ".join(markdown.split())


def running_text(markdown: str) -> str:
    """The sentences between the figures: without captions, tables and pictures."""
    markdown = re.sub(r"(?ms)^(/{3,}) ?(?:explorable|live|table|figure-caption|table-caption)\b.*?^\1 *$", " ", markdown)
    return prose(re.sub(r"(?m)^(?:\||!\[).*$", " ", markdown))


def word_count(text: str) -> int:
    return len(re.findall(r"[A-Za-z][\w’'-]*", text))


def stated_numbers(markdown: str, exceptions: Sequence[dict[str, Any]]) -> list[str]:
    """Each number that is no exception, with the words around it."""
    text = prose(markdown)
    for exception in exceptions:
        text = re.sub(re.escape(exception["text"]), "", text, flags=re.IGNORECASE)
    return [text[max(found.start() - _AROUND, 0) : found.end() + _AROUND] for found in _NUMBER.finditer(text)]


def unused(markdown: str, exceptions: Sequence[dict[str, Any]]) -> list[str]:
    """Exceptions that the page does not have, or that hold no number."""
    text = prose(markdown).lower()
    return [e["text"] for e in exceptions if e["text"].lower() not in text or not _NUMBER.search(e["text"])]
