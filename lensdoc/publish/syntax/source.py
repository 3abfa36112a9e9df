"""The Markdown source of a page, to say on which line something stands: Python-Markdown itself does not know lines."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from functools import cached_property

from lensdoc.publish.syntax.grammar import CODE_SPAN

_FENCE = re.compile(r"[ >]*(?:[-*+] +)?(`{3,}(?=[^`]*$)|~{3,})")
_WORD = re.compile(r"[^\W_]+")


class Source:
    """Lines of a page; each question for one pattern is answered with the line of the next match that was not told yet."""

    def __init__(self, lines: Sequence[str] = (), first_line: int = 1) -> None:
        """Keep the lines; `first_line` is the line of the file at which they begin, after the front matter."""
        self.lines = [line.rstrip("\r") for line in lines]
        self._first_line = first_line
        self._found: dict[str, list[int]] = {}
        self._told: dict[str, set[int]] = {}
        self._waiting: dict[tuple[str, str | None], deque[int]] = {}

    def line_of(self, pattern: str, *, then: str | None = None, text: str = "") -> int | None:
        """Line of the file at which the next match of a pattern stands, outside code if it can be; None without a match.

        Args:
            pattern: A regular expression.
            then: The text of the line below, where that is known too.
            text: What the line holds, as far as it is known: its rarest word spares the search of all other lines.
        """
        if pattern not in self._found:
            self._found[pattern], self._told[pattern] = self._matches(re.compile(pattern), text), set()
        found = self._found[pattern]
        if not found:
            return None
        match = None if then is None else self._next(pattern, then.strip())
        match = self._next(pattern, None) if match is None else match
        self._told[pattern].add(len(found) - 1 if match is None else match)
        return self._first_line + found[-1 if match is None else match]

    def _next(self, pattern: str, below: str | None) -> int | None:
        """The next match that was not told yet, of those with a text on the line below; None after the last."""
        found, told = self._found[pattern], self._told[pattern]
        if (pattern, below) not in self._waiting:
            matches = (n for n, line in enumerate(found) if below in (None, self._text(line + 1)))
            self._waiting[pattern, below] = deque(matches)
        waiting = self._waiting[pattern, below]
        while waiting and waiting[0] in told:
            waiting.popleft()
        return waiting[0] if waiting else None

    def _matches(self, pattern: re.Pattern[str], text: str) -> list[int]:
        words = [self._lines_of_words[word] for word in _WORD.findall(text) if word in self._lines_of_words]
        places: Sequence[int] = min(words, key=len) if words else range(len(self.lines))
        for lines in (self._without_code, self._without_fences, self.lines):
            if found := [i for i in places for _ in pattern.finditer(lines[i])]:
                return found
        return []

    @cached_property
    def _lines_of_words(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for i, line in enumerate(self.lines):
            for word in set(_WORD.findall(line)):
                found.setdefault(word, []).append(i)
        return found

    @cached_property
    def _without_fences(self) -> list[str]:
        fenced = self._fenced
        return ["" if i in fenced else line for i, line in enumerate(self.lines)]

    @cached_property
    def _without_code(self) -> list[str]:
        text = "\n".join(self._without_fences)
        paragraphs = re.split(r"(\n[ \t>]*(?=\n))", text)  # no code span reaches over an empty line
        return "".join(re.sub(CODE_SPAN, _blank, part, flags=re.DOTALL) for part in paragraphs).split("\n")

    def _text(self, index: int) -> str:
        return self.lines[index].strip(" >\t") if index < len(self.lines) else ""

    def unpaired(self) -> tuple[list[int], list[int]]:
        """Lines that begin blocks which never end, and lines that end blocks which never began."""
        fenced = self._fenced
        begun: dict[str, list[int]] = {}
        strays: list[int] = []
        for i, line in enumerate(self.lines):
            mark = None if i in fenced else re.match(r"[ >]*(/{3,}) *([\w-]*)", line)
            if mark and mark[2]:
                begun.setdefault(mark[1], []).append(self._first_line + i)
            elif mark and begun.get(mark[1]):
                begun[mark[1]].pop()
            elif mark:
                strays.append(self._first_line + i)
        return sorted(line for lines in begun.values() for line in lines), strays

    @cached_property
    def prose(self) -> Sequence[tuple[int, str]]:
        """Lines outside fences and comments, each with its place in the file."""
        found: list[tuple[int, str]] = []
        comment = False
        for i, line in enumerate(self.lines):
            begins = not comment and i not in self._fenced and line.lstrip().startswith("<!--")
            if not (comment or begins or i in self._fenced):
                found.append((self._first_line + i, line))
            comment = (comment or begins) and "-->" not in line
        return found

    @cached_property
    def _fenced(self) -> set[int]:
        """Indices of the lines inside fences that are closed."""
        inside: set[int] = set()
        start = 0
        unclosed: dict[str, int] = {}
        """For a character the shortest fence that no later line closes: neither will one close a longer fence further down."""
        while start < len(self.lines):
            opened = _FENCE.match(self.lines[start])
            end = None
            if opened and len(opened[1]) < unclosed.get(opened[1][0], len(opened[1]) + 1):
                end = self._end_of_fence(start, opened[1])
                if end is None:
                    unclosed[opened[1][0]] = len(opened[1])
            inside.update(range(start, end + 1) if end else ())
            start = (end or start) + 1
        return inside

    def _end_of_fence(self, start: int, fence: str) -> int | None:
        closing = re.compile(rf"[ >]*{re.escape(fence)}{re.escape(fence[0])}* *$")
        return next((i for i in range(start + 1, len(self.lines)) if closing.match(self.lines[i])), None)


def as_written(text: str) -> str:
    """The pattern of what an inline processor matched: its first line, with anything for what Python-Markdown put away in it."""
    first, wrapped, _ = text.partition("\n")
    known = re.split(r"\x02[^\x03]*\x03", first)
    return ".+?".join(re.escape(part) for part in known) + ("[ \t]*$" if wrapped else "")


def written_text(text: str) -> str:
    """The text of the first line of what an inline processor matched, as far as it is known."""
    return re.sub(r"\w*\x02[^\x03]*\x03\w*", " ", text.partition("\n")[0])


def _blank(code: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", code[0])
