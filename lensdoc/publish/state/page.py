"""What the Markdown processors know of the page that is rendered; made anew for each page."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from lensdoc.explorables.elements import Element
from lensdoc.publish.state.build import Build
from lensdoc.publish.state.freshness import Freshness
from lensdoc.publish.syntax.grammar import FRONT_MATTER
from lensdoc.publish.syntax.source import Source
from lensdoc.records.record import Record

if TYPE_CHECKING:
    from lensdoc.publish.figures.several import Several


@dataclass
class PageState:
    """One page while it is rendered."""

    build: Build = field(default_factory=Build)
    path: str = "page"
    """Source path of the page below the folder of pages, as messages name it."""
    url: str = ""
    """Address of the page, from the root of the site."""
    canonical_url: str = ""
    """The whole address, where that of the site is known."""
    first_line: int = 1
    """Line of the file at which the page's Markdown begins, after the front matter."""
    header: str = ""
    """The front matter as it is written."""
    meta: Mapping[str, object] = field(default_factory=dict)
    """The front matter as it is read, with the text of its values."""
    credit: str = ""
    """Authors and title, as the citation of a figure begins."""
    source: Source = field(default_factory=Source)
    """The Markdown below the front matter."""
    figures: list[tuple[Element, Record]] = field(default_factory=list)
    """The figures of the page, each with its record; of several records with the one that is shown at first."""
    options: dict[Element, Mapping[str, Any]] = field(default_factory=dict)
    """The options with which each of them is drawn."""
    choices: list[tuple[Element, Several]] = field(default_factory=list)
    """Figures in which a reader chooses among records."""
    besides: list[tuple[Element, list[Element]]] = field(default_factory=list)
    """Figures that hold others side by side, with those."""
    is_survey: bool = False
    """Whether the page is rendered only for what others can refer to; its mistakes are told when it is rendered to be shown."""
    moves_pictures: bool = False
    """Whether the engine takes addresses of pictures as those from the page's source, and rewrites them."""
    _gone: set[str] = field(default_factory=set)
    _same_text: tuple[str, str | None] | None = None

    def shown(self) -> Iterator[tuple[Element, Record]]:
        """The figures with all the records that they show, also those that a reader must choose."""
        yield from self.figures
        for figure, several in self.choices:
            yield from ((figure, record) for record in several.records[1:])

    def complain(self, message: str, line: int | None) -> None:
        """Report a mistake with its line, where the source tells it."""
        if not self.is_survey:
            self.build.complain(message, self.path, line)

    def record(self, name: str) -> Record:
        """The record `RUN/NAME`; one whose run is gone is reported, once on a page: such data would stay as they are for ever.

        Raises:
            PublishError: There is no such record; the message names the nearest ones.
            DataError: The file breaks the format.
        """
        record = self.build.record(name)
        if (self.build.freshness or {}).get(name, Freshness()).gone:
            self._report_gone(name)
        return record

    def _report_gone(self, name: str) -> None:
        if name not in self._gone and (line := self.source.line_of(re.escape(name), text=name)):
            self._gone.add(name)
            why = f"{name!r} was made by a run that analyses/runs.yml no longer has"
            self.complain(f"{why}; give the run its name back, or show another", line)

    def notebook_page(self, run: str) -> str | None:
        """Address of the page with a run's executed notebook, from this page; None where there is none."""
        if run not in self.build.notebooks:
            return None
        target = self.build.notebooks[run]
        # A relative path loses the slash at its end.
        return f"{self.address_of(target)}/" if target.endswith("/") else self.address_of(target)

    def address_of(self, target: str) -> str:
        """Address of a file of the site from this page; the folder of an address ends at its last slash."""
        return posixpath.relpath(target, posixpath.dirname(self.url) or ".")

    def picture_address(self, target: str) -> str:
        """Address of a picture of the site as the page is to have it before the engine has finished it."""
        return posixpath.relpath(target, posixpath.dirname(self.path) or ".") if self.moves_pictures else self.address_of(target)

    def source_path(self) -> str | None:
        """Path of the page below the folder of pages; where the engine does not tell the page, its text does."""
        if self.path.endswith(".md"):
            return self.path
        body = "\n".join(self.source.lines).strip()
        if self._same_text is None or self._same_text[0] != body:
            docs = self.build.docs
            found = [path for path in sorted(docs.rglob("*.md")) if _body(path) == body]
            self._same_text = body, found[0].relative_to(docs).as_posix() if len(found) == 1 else None
        return self._same_text[1]

    def path_of(self, link: str) -> str | None:
        """The path of the page that a link names: `../b.md`, or from the folder of pages on, `/b.md`."""
        here = self.source_path()
        if here is None:
            return None
        return posixpath.normpath(posixpath.join("/", posixpath.dirname(here), unquote(link))).lstrip("/")

    def line_of_meta(self, name: str) -> int | None:
        """The line of a field of the front matter."""
        lines = self.header.splitlines()
        return next((n for n, line in enumerate(lines, 1) if line.startswith(f"{name}:")), None)


def _body(path: Path) -> str:
    """The text of a page below its front matter."""
    text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
    header = FRONT_MATTER.match(text)
    return text[header.end() :].strip() if header else text.strip()
