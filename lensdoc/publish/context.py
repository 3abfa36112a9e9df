"""What the authoring syntax needs to know of the site: where the data lie, which page is rendered, whom to tell of mistakes."""

from __future__ import annotations

import logging
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lensdoc.explorables.elements import Element
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.status import status
from lensdoc.publish.citations.library import Library
from lensdoc.publish.crossrefs.pages import Pages, PageTarget
from lensdoc.publish.crossrefs.targets import Target
from lensdoc.publish.embeds import path_of_page
from lensdoc.publish.freshness import State, record_states
from lensdoc.publish.source import Source
from lensdoc.records.errors import PublishError, nearest
from lensdoc.records.reading import read_record
from lensdoc.records.record import Record


@dataclass
class Context:
    """Shared by all pages of one build."""

    data: Path = Path("docs/data")
    """The folder of data files: `<run>/<name>.json`."""
    page: str = "page"
    """Source path of the page that is rendered, as messages name it."""
    first_line: int = 1
    """Line of the file at which the page's Markdown begins, after the front matter."""
    report: Callable[[str], None] = logging.getLogger("lensdoc").warning
    """Receives each mistake; the MkDocs plugin makes it a warning, fatal under `--strict`."""
    source: Source = field(default_factory=Source)
    """The Markdown of the page that is rendered."""
    root: Path = Path()
    """The folder from which options name files, that of mkdocs.yml."""
    meta: Mapping[str, object] = field(default_factory=dict)
    """The front matter of the page that is rendered."""
    header: str = ""
    """The front matter as it is written."""
    library: Library | None = None
    """The works that pages cite, and the style in which they do."""
    figures: list[tuple[Element, Record]] = field(default_factory=list)
    """The figures of the page that is rendered, each with its record."""
    url: str = ""
    """Address of the page that is rendered, from the root of the site."""
    notebooks: dict[str, str] = field(default_factory=dict)
    """Run to the address of the page with its executed notebook, from the root of the site; none outside of MkDocs."""
    docs: Path = Path("docs")
    """The folder whose files are the site's."""
    states: Mapping[str, State] | None = None
    """State of the records that runs make; None until it is asked for."""
    tables: Mapping[str, str] = field(default_factory=dict)
    """Name of each record of which the site has a table, to the table."""
    site_url: str = ""
    page_url: str = ""
    """Address of the page that is rendered, where the site's is known."""
    credit: str = ""
    """Authors and title of the page that is rendered."""
    embeds: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Path of each page that has one figure alone, to the page and the id of the figure."""
    alone: bool = False
    """Whether other pages may never be rendered in this build: then nothing of a page depends on them."""
    pages: Pages = field(default_factory=Pages)
    """The folder of pages, for references from one to another."""
    number_sections: bool = False
    """Whether headings have numbers."""
    numbered: dict[str, dict[str, Target]] = field(default_factory=dict)
    """What can be referred to, by page and id, of the pages that are rendered."""
    crossed: list[tuple[str, int | None, PageTarget]] = field(default_factory=list)
    """References to other pages: page, line, and what they lead to."""
    _records: dict[str, Record] = field(default_factory=dict)
    _gone: set[tuple[str, str]] = field(default_factory=set)
    _name_of: dict[int, str] = field(default_factory=dict)
    _names: list[str] = field(default_factory=list)
    _paths: dict[str, str | None] = field(default_factory=dict)

    def complain(self, message: str, line: int | None) -> None:
        """Report a mistake with its line, where the source tells it."""
        self.report(f"{self.page}:{line}: {message}" if line else f"{self.page}: {message}")

    def notebook_page(self, run: str) -> str | None:
        """Address of the page with a run's executed notebook, from the page that is rendered; None where there is none."""
        if run not in self.notebooks:
            return None
        target = self.notebooks[run]
        # The folder of an address ends at its last slash; a relative path loses the one at the end.
        path = posixpath.relpath(target, posixpath.dirname(self.url) or ".")
        return f"{path}/" if target.endswith("/") else path

    def place(self) -> str | None:
        """Path of the page below the folder of pages; where the engine does not tell the page, its text does."""
        return self.page if self.page.endswith(".md") else self.pages.of(self.source.lines)

    def line_of_meta(self, name: str) -> int | None:
        """The line of a field of the front matter."""
        lines = self.header.splitlines()
        return next((n for n, line in enumerate(lines, 1) if line.startswith(f"{name}:")), None)

    def record(self, name: str) -> Record:
        """The record `RUN/NAME`, read once.

        Raises:
            PublishError: There is no such record; the message names the nearest ones.
            DataError: The file breaks the format.
        """
        if name not in self._records:
            path = self.data / f"{name}.json"
            if name not in self._names:
                self._names = self.names()  # walks the folder
            if name not in self._names:
                raise PublishError(f"no record {name!r} ({path} does not exist); {nearest(name, self._names)}")
            self._records[name] = read_record(path)
            self._name_of[id(self._records[name])] = name
        self._warn_of_gone(name)
        return self._records[name]

    def _warn_of_gone(self, name: str) -> None:
        """Once on a page, where it is named: such data would stay as they are for ever."""
        if not (self.states or {}).get(name, State()).gone or (self.page, name) in self._gone:
            return
        if line := self.source.line_of(re.escape(name)):
            self._gone.add((self.page, name))
            why = f"{name!r} was made by a run that analyses/runs.yml no longer has"
            self.complain(f"{why}; give the run its name back, or show another", line)

    def name_of(self, record: Record) -> str:
        """The name under which a record was read."""
        return self._name_of[id(record)]

    def state_of(self, name: str) -> State:
        """The state of a record; without a plugin it is found where the build is started.

        Raises:
            RunError: `runs.yml` or the lock cannot be read.
        """
        if self.states is None:
            project = Project(self.root)
            self.states = record_states(project, status(project)) if project.has_runs else {}
        return self.states.get(name, State())

    def data_path(self, name: str) -> str | None:
        """Where the site has a record, without its suffix; None where the data lie outside the site's files."""
        if name not in self._paths:
            path, docs = (self.data / name).resolve(), self.docs.resolve()
            self._paths[name] = path.relative_to(docs).as_posix() if path.is_relative_to(docs) else None
        return self._paths[name]

    def embed(self, name: str, anchor: str) -> str:
        """Path of the page that has a figure of the rendered page alone."""
        if self.alone:
            return path_of_page(self.url, anchor)
        place, count, path = (self.page, anchor), 1, f"embed/{name}.html"
        while self.embeds.get(path, place) != place:
            count += 1
            path = f"embed/{name}-{count}.html"
        self.embeds[path] = place
        return path

    def names(self) -> list[str]:
        """Names of all records there are."""
        root = self.data.resolve()
        found = self.data.rglob("*.json")  # which follows no links to folders
        files = (path for path in found if not path.is_symlink() or path.resolve().is_relative_to(root))
        return [path.relative_to(self.data).with_suffix("").as_posix() for path in files]
