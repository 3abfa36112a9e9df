"""Captions and titles of other pages as a reader sees them, read from their sources."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from lensdoc.publish.citations.syntax import KEY, read_cites, reserved
from lensdoc.publish.syntax.grammar import CODE_SPAN, ID

Cite = Callable[[str], tuple[str, str]]
"""Names the authors and the year of a work by its key."""
MATH = "\n"
"""Stands before and behind each formula; the rest is on one line."""
LIVE = "\x04@"
"""Stands where a reference begins, for not each `@` is one."""
_LENGTH = 240
_NESTED = 3
"""How deep emphasis stands in emphasis."""
_MATH = re.compile(r"(?<!\\)\$\$(.+?)\$\$|(?<!\\)\$(?!\s)((?:\\.|[^\\$])+?)(?<!\s)\$|(?<!\\)\\\((.+?)\\\)", re.DOTALL)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_BRACKETS = re.compile(r"(?<!!)\[(?!\^)((?:[^\[\]]|\[[^\[\]]*\])*@(?:[^\[\]]|\[[^\[\]]*\])*)\](?![({\[])")
_NAMED = re.compile(rf"(?<![^\W_])(?<![/@.:=])@({KEY})(?:\s*\[[^\[\]]*\](?![({{\[]))?")
_LOOSE = [
    (re.compile(r"<!--.*?-->", re.DOTALL), ""),
    (re.compile(r"<(https?://[^\s<>]+)>"), r"\1"),
    (re.compile(r"<br\b[^<>]*>", re.IGNORECASE), " "),
    (re.compile(r"</?[A-Za-z][^<>]*>"), ""),
    (re.compile(r"\[\^[^\[\]]*\]"), ""),
    (re.compile(rf"\[-?(@{ID})\]"), r"\1"),
    (re.compile(r"!\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])"), r"\1"),
    (re.compile(r"\[([^\[\]]*)\](?:\([^()]*\)|\{[^{}\n]*\}|\[[^\[\]]*\])"), r"\1"),
    (re.compile(r"\{:? *[.#][^{}\n]*\}"), ""),
    *[(re.compile(r"(?<!\w)(_+)(?=[^\s_])(.*?)(?<=[^\s_])\1(?!\w)"), r"\2")] * _NESTED,
    *[(re.compile(r"(?<!\*)\*+(?=[^\s*])(.*?)(?<=[^\s*])\*+(?!\*)"), r"\1")] * _NESTED,
]
"""Marks that nobody sees, and what stays of each."""
_PLACE = re.compile("\x02(\\d+)\x03")


def excerpt(text: str, read: Callable[[str], str], cite: Cite) -> str:
    """The beginning of a caption, with `MATH` around each formula and `LIVE` before each reference.

    Args:
        text: The caption as it is written.
        read: Gives the text of a code span that is a value.
        cite: Names the works that it cites.
    """
    kept: list[str] = []
    text = _put_away(text, kept, read, lambda tex: f"{MATH}{tex}{MATH}")
    text = _BRACKETS.sub(lambda found: _cited(found, cite), text)
    text = _NAMED.sub(lambda found: found[0] if reserved(found[1]) else cite(found[1].strip("{}"))[0], text)
    text = re.sub("\x02\\d*$", "", _unmarked(text)[:_LENGTH])
    return _give_back(re.sub(rf"@(?={ID})", LIVE, text), kept)


def plain(text: str, read: Callable[[str], str]) -> str:
    """A title in words, on one line: without marks, tags, citations and references, formulas as their TeX."""
    kept: list[str] = []
    text = _put_away(text, kept, read, str)
    text = _BRACKETS.sub(lambda found: _cited(found, lambda _: ("", "")), text)
    text = re.sub(rf"@{ID}", "", _NAMED.sub(lambda found: found[0] if reserved(found[1]) else "", text))
    return " ".join(_give_back(_unmarked(text), kept).split())


def _put_away(text: str, kept: list[str], read: Callable[[str], str], formula: Callable[[str], str]) -> str:
    """The text with places for what holds no marks: code, formulas, escaped characters."""

    def keep(part: str) -> str:
        kept.append(part)
        return f"\x02{len(kept) - 1}\x03"

    text = re.sub(CODE_SPAN, lambda span: keep(read(span[2])), text.translate({2: None, 3: None, 4: None}))
    text = _MATH.sub(lambda found: keep(formula(" ".join("".join(filter(None, found.groups())).split()))), text)
    return _ESCAPED.sub(lambda found: keep(found[1]), text)


def _give_back(text: str, kept: list[str]) -> str:
    return _PLACE.sub(lambda found: kept[int(found[1])], text)


def _unmarked(text: str) -> str:
    for pattern, stays in _LOOSE:
        text = pattern.sub(stays, text)
    return unescape(" ".join(text.split()))


def _cited(found: re.Match[str], cite: Cite) -> str:
    """What stands for brackets with citations or references."""
    cites = read_cites(found[1]) or []
    if not cites:
        return found[0]
    if any(reserved(one.key) for one in cites):
        return ", ".join(f"@{one.key}" for one in cites)
    named = [name for one in cites if (name := " ".join(cite(one.key)).strip())]
    return f"({'; '.join(named)})" if named else ""
