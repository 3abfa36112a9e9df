"""BibTeX files: what they hold, on which line, and what is wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from pybtex import errors
from pybtex.database import Entry
from pybtex.database.input.bibtex import Parser
from pybtex.exceptions import PybtexError
from pybtex.scanner import PybtexSyntaxError

from lensdoc.publish.citations.files import kept

_BEGINS = re.compile(r"^[ \t]*@[ \t]*(?!comment|string|preamble)\w+[ \t]*[{(]\s*([^\s,}]+)", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Work:
    """One entry of a file."""

    key: str
    entry: Entry
    line: int
    """The line on which the entry begins."""
    source: str
    """The entry as it is written."""
    parent: Entry | None = None
    """The entry that its field `crossref` names."""
    broken: bool = False
    """Whether it could not be read to its end, which is reported."""

    def field(self, *names: str) -> str:
        """The first of the named fields that the entry has; what it lacks the entry that it refers to may have."""
        fields = self.entry.fields
        own = next((str(fields[name]) for name in names if fields.get(name)), "")
        if own or not self.parent or "title" in names:
            return own
        more = (*names, "title") if "booktitle" in names else names
        return next((str(self.parent.fields[name]) for name in more if self.parent.fields.get(name)), "")

    def line_of(self, field_name: str) -> int:
        """The line on which a field of the entry stands, or else that of the entry."""
        found = re.search(rf"(?i)(?<!\w){re.escape(field_name)}\s*=", self.source)
        return self.line + (self.source.count("\n", 0, found.start()) if found else 0)


@dataclass(frozen=True)
class Bibliography:
    """The works of a file by key, and its mistakes as pairs of line and message."""

    works: dict[str, Work] = field(default_factory=dict)
    mistakes: list[tuple[int, str]] = field(default_factory=list)


@kept
def read_bibliography(path: Path) -> Bibliography:
    """Read a BibTeX file once, and again when it has changed.

    Raises:
        OSError: The file cannot be read.
    """
    text = path.read_bytes().decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    with errors.capture() as captured:
        entries = Parser().parse_string(text).entries
    source = _Source(text)
    broken = {source.key_at(error.error_context_info[0]) for error in captured if isinstance(error, PybtexSyntaxError)}
    works = {
        key: Work(
            key, entry, source.line_of(key), source.entry(key), entries.get(entry.fields.get("crossref", "")), key in broken
        )
        for key, entry in entries.items()
    }
    return Bibliography(works, sorted({_mistake(error, source) for error in captured}))


class _Source:
    """Where the entries of a file begin; pybtex tells lines only of what it cannot read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: dict[str, list[int]] = {}
        self.slices: dict[str, str] = {}
        found = list(_BEGINS.finditer(text))
        line, counted = 1, 0
        for this, after in zip(found, [*(f.start() for f in found[1:]), len(text)], strict=True):
            line += text.count("\n", counted, this.start(1))
            counted = this.start(1)
            self.lines.setdefault(this[1].lower(), []).append(line)
            self.slices.setdefault(this[1].lower(), text[this.start(1) : after])

    def key_at(self, position: int) -> str | None:
        """The key of the entry that begins at a position."""
        found = _BEGINS.match(self.text, position)
        return found[1] if found else None

    def line_of(self, key: str, nth: int = 0) -> int:
        """The line on which the n-th entry of a key begins."""
        return ([*self.lines.get(key.lower(), [1])][nth:] or [1])[0]

    def entry(self, key: str) -> str:
        """The first entry of a key as it is written, from its key on."""
        return self.slices.get(key.lower(), "")


def _mistake(error: PybtexError, source: _Source) -> tuple[int, str]:
    """The line and the message of what pybtex complains of."""
    message = str(error)
    if isinstance(error, PybtexSyntaxError):
        key = source.key_at(error.error_context_info[0])
        inside = f" (in the entry {key!r}, which begins on line {source.line_of(key)})" if key else ""
        return error.lineno, re.sub(r" in line \d+(?=:)", "", message) + inside
    if repeated := re.fullmatch(r"repeated bibliography entry: (.*)", message):
        key = repeated[1]
        return source.line_of(key, 1), f"the key {key!r} stands twice; first on line {source.line_of(key)}; the first is used"
    if doubled := re.fullmatch(r"entry with key (.*) has a duplicate (.*) field", message):
        return source.line_of(doubled[1]), f"the entry {doubled[1]!r} has two fields {doubled[2]!r}; the first is used"
    quoted = re.search(r"'(.*)'", message)
    at = source.text.find(quoted[1]) if quoted else -1
    return 1 + source.text.count("\n", 0, max(at, 0)), message
