"""BibTeX and BibLaTeX files: their entries, each with its line, and what is wrong with them.

An entry that cannot be read is reported, and the next one is read as if it were not there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pybtex.database.input.bibtex import LowLevelParser, UndefinedMacro
from pybtex.scanner import PrematureEOF, PybtexSyntaxError
from pybtex.utils import CaseInsensitiveDict

from lensdoc.publish.citations.encodings import UNREADABLE, decode
from lensdoc.publish.citations.files import kept
from lensdoc.publish.citations.works import Work, link_parents

_BEGIN = re.compile(r"(?<![\w.])@[ \t]*([A-Za-z]\w*)\s*[{(]")
_BEGIN_OF_LINE = re.compile(r"^[ \t]*@[ \t]*\w+\s*[{(]", re.MULTILINE)
_STRAY = re.compile(r"^[ \t]*(?P<line>(?P<at>@)[ \t]*\w.*)$", re.MULTILINE)
_NO_ENTRY = "{!r} begins no entry: after its type stands a brace, as in @article{{key, ...}}"
_COMMENT_LINE = re.compile(r"[ \t]*%.*")
_BRACE = re.compile(r"(?<!\\)[{}]")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_AHEAD = (1, 2, 4)
"""Where an entry may end that holds what looks like the begin of others: before the first, the second, the fourth of these."""
_MOST_LONG_ENTRIES = 20
"""How often a file may have an entry that ends farther away."""


@dataclass(frozen=True)
class Bibliography:
    """The works of a file by key, other keys of the same works, and its mistakes as pairs of line and message."""

    works: dict[str, Work] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    mistakes: list[tuple[int, str]] = field(default_factory=list)


@kept
def read_bibliography(path: Path) -> Bibliography:
    """Read a file once, and again when it has changed.

    Raises:
        OSError: The file cannot be read.
        PublishError: It is no text.
    """
    text, mistakes = decode(path.read_bytes())
    found = Bibliography(mistakes=mistakes)
    for work, wrong in _Entries(text):
        found.mistakes.extend(wrong)
        if work is None:
            continue
        if work.key in found.works:
            first = found.works[work.key]
            message = f"the key {work.key!r} stands twice; first on line {first.line}; the first is used"
            found.mistakes.append((work.line, message))
            continue
        found.works[work.key] = work
        for alias in re.split(r"[\s,]+", work.fields.get("ids", "").strip()):
            if alias:
                found.aliases.setdefault(alias, work.key)
    found.mistakes.extend(link_parents(found.works))
    return found


def _without_comments(text: str) -> str:
    """The text with lines emptied that begin with `%`, between entries and between fields; within a field `%` is text."""
    lines, depth = text.split("\n"), 0
    for number, line in enumerate(lines):
        if _BEGIN_OF_LINE.match(line):
            depth = 0
        if depth <= 1 and _COMMENT_LINE.match(line):
            lines[number] = ""
        else:
            depth += sum(1 if brace == "{" else -1 for brace in _BRACE.findall(line))
    return "\n".join(lines)


class _Entries:
    """The entries of a text, each with the mistakes in it."""

    def __init__(self, text: str) -> None:
        self.text = _without_comments(text)
        begins = {found.start() for found in _BEGIN_OF_LINE.finditer(self.text)}
        self.begins = sorted(begins | {found.start() for found in _BEGIN.finditer(self.text)})
        self.macros = CaseInsensitiveDict({name: name for name in _MONTHS})
        self.line, self.counted = 1, 0
        self.long = 0

    def __iter__(self) -> Iterator[tuple[Work | None, list[tuple[int, str]]]]:
        place = 0
        while found := _BEGIN.search(self.text, place):
            kind, start = found[1].lower(), found.start()
            yield None, self._strays(place, start)
            if kind == "comment":
                place = self._end_of_comment(found.end() - 1)
                continue
            self._line_at(start)
            parser = self._parsed(start)
            yield self._work(parser, kind, start), parser.mistakes
            place = self._limit(start, 1) if parser.broken else start + parser.pos

        yield None, self._strays(place, len(self.text))

    def _strays(self, start: int, end: int) -> list[tuple[int, str]]:
        """Lines between two entries that begin like one and are none."""
        found = _STRAY.finditer(self.text, start, end)
        return [(self._line_at(stray.start("at")), _NO_ENTRY.format(stray["line"].strip()[:60])) for stray in found]

    def _line_at(self, place: int) -> int:
        self.line += self.text.count("\n", self.counted, place)
        self.counted = place
        return self.line

    def _limit(self, start: int, ahead: int) -> int:
        """Where the entry begins that is `ahead` entries behind a place; the end of the text where there are fewer."""
        after = bisect_right(self.begins, start) + ahead - 1
        return self.begins[after] if after < len(self.begins) else len(self.text)

    def _end_of_comment(self, start: int) -> int:
        """Where a comment in braces ends; without an end it is its line."""
        pairs = self._pairs_with_round if self.text[start] == "(" else self._pairs
        return pairs.get(start) or (self.text.find("\n", start) + 1) or len(self.text)

    @cached_property
    def _pairs(self) -> dict[int, int]:
        return _pairs(r"[{}]", self.text)

    @cached_property
    def _pairs_with_round(self) -> dict[int, int]:
        return _pairs(r"[{}()]", self.text)

    def _parsed(self, start: int) -> _Entry:
        """The entry that begins at a place; what looks like the begin of another may stand in one of its fields."""
        limits = [self._limit(start, ahead) for ahead in _AHEAD]
        first = _Entry(self.text, start, limits[0], self.line, self.macros)
        if not first.unfinished or limits[0] == len(self.text):
            return first
        if limits[-1] < len(self.text) and self.long < _MOST_LONG_ENTRIES:
            limits.append(len(self.text))
        others = (_Entry(self.text, start, limit, self.line, self.macros) for limit in dict.fromkeys(limits[1:]))
        found = next((other for other in others if not other.broken), first)
        self.long += found is first or found.end == len(self.text)
        return found

    def _work(self, parser: _Entry, kind: str, start: int) -> Work | None:
        if kind in {"string", "preamble"} or parser.key is None:
            return None
        source = self.text[start : start + parser.pos]
        broken = parser.broken or bool(UNREADABLE.search(source))
        fields = {name: " ".join(value.split()) for name, value in parser.fields.items()}
        return Work(parser.key, kind, fields, self.line, source, broken=broken)


def _pairs(braces: str, text: str) -> dict[int, int]:
    """For the place of each opening brace that is closed the place behind its end."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for brace in re.finditer(braces, text):
        if brace[0] in "{(":
            opened.append(brace.start())
        elif opened:
            found[opened.pop()] = brace.end()
    return found


class _Entry(LowLevelParser):
    """Reads one entry between two places of a text."""

    def __init__(self, text: str, start: int, limit: int, line: int, macros: CaseInsensitiveDict) -> None:
        super().__init__(text[start:limit], macros=macros, handle_error=self._keep)
        self.pos, self.lineno, self.first = 1, line, line
        self.command_start = 0
        self.mistakes: list[tuple[int, str]] = []
        self.end = limit
        self.broken = self.unfinished = False
        try:
            self.parse_command()
        except PybtexSyntaxError as error:
            self._keep(error)

    def _keep(self, error: PybtexSyntaxError) -> None:
        message = re.sub(r" in line \d+(?=:)", "", str(error))
        if not isinstance(error, UndefinedMacro):
            self.broken = True
            self.unfinished = isinstance(error, PrematureEOF)
            if self.current_entry_key:
                message += f" (in the entry {self.current_entry_key!r}, which begins on line {self.first})"
        self.mistakes.append((error.lineno, message))

    def substitute_macro(self, name: str) -> str:
        """The text that a name stands for; one that stands for nothing is its name."""
        return super().substitute_macro(name) or (name if name not in self.macros else "")

    @property
    def key(self) -> str | None:
        """The key of the entry."""
        return str(self.current_entry_key) if self.current_entry_key else None

    @property
    def fields(self) -> dict[str, str]:
        """The fields by name; of two with one name the first counts, which is a mistake."""
        found: dict[str, str] = {}
        for name, parts in self.current_fields or ():
            if name.lower() in found:
                self.mistakes.append((self.first, f"the entry {self.key!r} has two fields {name!r}; the first is used"))
            found.setdefault(name.lower(), "".join(parts))
        return found
