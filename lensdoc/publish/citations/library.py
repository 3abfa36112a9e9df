"""The works and the style of one build."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree as ET

from lensdoc.core.errors import PublishError
from lensdoc.publish.citations.bibliography import read_bibliography
from lensdoc.publish.citations.citing import Citation, CitedWork, Citer, Written
from lensdoc.publish.citations.entries import mistakes
from lensdoc.publish.citations.inlines import Inline, text_of
from lensdoc.publish.citations.process import PandocError, PandocMissingError
from lensdoc.publish.citations.reading import Read, read
from lensdoc.publish.citations.styles import FOLDER, Style, find_style, read_style
from lensdoc.publish.citations.syntax import KEYS
from lensdoc.publish.citations.works import Work

STYLE = "ieee"
"""The style of an article that names none."""


class Library:
    """Read when first asked, and shared by the pages of a build; each mistake is reported once."""

    def __init__(self, root: Path, files: Sequence[str], style: str, report: Callable[[str], None], locale: str = "") -> None:
        """Nothing is read yet.

        Args:
            root: The folder from which files are named.
            files: The bibliographies.
            style: The name of one of our styles, or the path of a CSL file.
            report: Told of each mistake.
            locale: The language of the style's words, such as `de-DE`; by default the style's own.
        """
        self.root = root
        self.files = files
        self.locale = locale
        self._style = style
        self._report = report
        self._checked: set[str] = set()
        self._read: dict[str, Read] = {}
        self._texts: dict[str, str] = {}
        self._names: dict[str, list[Inline]] = {}
        self._named: dict[str, tuple[str, str]] = {}

    @cached_property
    def works(self) -> dict[str, Work]:
        """The works of all files by key, and by their other keys; of two with one key the first counts."""
        works: dict[str, Work] = {}
        aliases: dict[str, Work] = {}
        file_of: dict[str, str] = {}
        for file in self.files:
            try:
                found = read_bibliography(self.root / file)
            except OSError as error:
                self._report(f"mkdocs.yml: bibliography {file!r} cannot be read: {error.strerror or error}")
                continue
            except PublishError as error:
                self._report(f"{file}: {error}")
                continue
            for line, message in sorted(set(found.mistakes)):
                self._report(f"{file}:{line}: {message}")
            for key, work in found.works.items():
                if key in works:
                    self._report(f"{file}:{work.line}: the key {key!r} stands in {file_of[key]} too, which is used")
                file_of.setdefault(key, file)
                works.setdefault(key, work)
            aliases |= {alias: found.works[key] for alias, key in found.aliases.items() if alias not in aliases}
        self._file_of = file_of
        return works | {alias: works[work.key] for alias, work in aliases.items() if alias not in works}

    @cached_property
    def citer(self) -> Citer:
        """What writes citations in the style; after a mistake in that of an article that names none."""
        try:
            return Citer(read_style(find_style(self._style, self.root)), self.locale)
        except PublishError as error:
            self._report(f"mkdocs.yml: csl: {error}")
            return Citer(self._usual, self.locale)

    @property
    def style(self) -> Style:
        """The style."""
        return self.citer.style

    @property
    def _usual(self) -> Style:
        return read_style(FOLDER / f"{STYLE}.csl")

    def check(self, keys: Iterable[str]) -> None:
        """Read works, and report what they lack or have wrong, once in a build."""
        new = [self.works[key] for key in dict.fromkeys(keys) if key in self.works and key not in self._read]
        new = list({work.key: work for work in new}.values())
        whole = [work for work in new if not work.broken]
        try:
            found = read(whole, self.citer.language)
        except PandocError as error:
            self._tell_once(f"mkdocs.yml: bibliography: {error}")
            found = {}
        for work in new:
            self._read[work.key] = found.get(work.key) or Read("", "", broken=True)
            self._texts[self._read[work.key].id] = self._read[work.key].text
            if work.key in found and work.key not in self._checked:
                self._checked.add(work.key)
                for line, message in [*found[work.key].mistakes, *mistakes(work)]:
                    self._report(f"{self._file_of[work.key]}:{line}: {message}")

    def identifier(self, key: str) -> str:
        """The identifier of a work's reference; the key of one that is not known or cannot be read."""
        work = self.works.get(key)
        found = self._read.get(work.key) if work else None
        return found.id if found and found.id else key

    def cite(self, citations: Sequence[Citation], listed: Sequence[str]) -> Written:
        """The citations of a page and its references; without pandoc the keys alone.

        Args:
            citations: The citations in the order of reading.
            listed: Identifiers of works that are listed and not cited.
        """
        for citer in (self.citer, Citer(self._usual, self.locale)):
            try:
                return citer.write(citations, listed, self._texts)
            except PandocMissingError as error:
                self._tell_once(f"mkdocs.yml: bibliography: {error}")
                break
            except PandocError as error:
                self._tell_once(f"mkdocs.yml: csl: {self._style} cannot be used: {error}")
            self.citer = Citer(self._usual, self.locale)
        keys = [", ".join(f"{work.id}?" for work in citation.works) for citation in citations]
        return Written([[{"t": "Strong", "c": [{"t": "Str", "c": key}]}] for key in keys])

    def names(self, keys: Iterable[str]) -> dict[str, list[Inline]]:
        """The authors of works by key, as a sentence names them in a style that names none itself."""
        self.check(keys)
        known = [key for key in dict.fromkeys(keys) if self.identifier(key) != key and key not in self._names]
        try:
            found = self.citer.names([self.identifier(key) for key in known], self._texts) if known else {}
        except PandocError as error:
            self._tell_once(f"mkdocs.yml: csl: {self._style} cannot be used: {error}")
            found = {}
        self._names |= {key: found[self.identifier(key)] for key in known if self.identifier(key) in found}
        return {key: self._names[key] for key in keys if key in self._names}

    def name_of(self, key: str) -> tuple[str, str]:
        """The authors of a work, and its year; the key of one that is not known."""
        if key not in self._named:
            self._named[key] = self._name_of(key) if key in self.works else (key, "")
        return self._named[key]

    def _name_of(self, key: str) -> tuple[str, str]:
        self.check([key])
        identifier = self.identifier(key)
        written = self.cite([Citation([CitedWork(identifier, "AuthorInText")])], []) if identifier != key else Written()
        authors = authors_of(written.citations[0]) if written.citations else []
        names = text_of(authors or self.names([key]).get(key, [])) or key
        year = re.sub(r"[{}]", "", self.works[key].field("date", "year"))
        return names, year[:4] if re.match(r"\d{4}(?!\d)", year) else year

    def in_words(self, element: ET.Element) -> str:
        """The text of an element in which citations are not written yet, with authors and years in their places."""
        keys = (element.get(KEYS) or "").split()
        if not keys:
            return (element.text or "") + "".join(self.in_words(child) + (child.tail or "") for child in element)
        named = [self.name_of(key) for key in keys if key != ";"]
        if keys[0] == ";":
            return f"({'; '.join(' '.join(part for part in name if part) for name in named)})"
        names = [f"{name} ({year})" if year else name for name, year in named]
        return names[0] + "".join(f" ({' '.join(part for part in other if part)})" for other in named[1:])

    def _tell_once(self, message: str) -> None:
        if message not in self._checked:
            self._checked.add(message)
            self._report(message)


def authors_of(inlines: Sequence[Inline]) -> list[Inline]:
    """The authors that begin a citation in a sentence, without the bracket behind them."""
    names: list[Inline] = []
    for inline in inlines:
        if inline["t"] in {"Link", "Superscript", "Note", "Cite"} or _is_note(inline):
            break
        names.append(inline)
    while names and (names[-1]["t"] == "Space" or (names[-1]["t"] == "Str" and names[-1]["c"] in {"", "(", "["})):
        names.pop()
    return names


def _is_note(inline: Inline) -> bool:
    return bool(inline["t"] == "Span" and "csl-note" in inline["c"][0][1])
