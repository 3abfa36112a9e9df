"""What all pages of one build share: where the data lie, what was read of them, and what the pages turned out to hold."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lensdoc.core.errors import PublishError, RunError
from lensdoc.core.names import nearest
from lensdoc.pipeline.key import digest, text_digest
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.status import status
from lensdoc.publish.state.freshness import Freshness, record_freshness
from lensdoc.publish.state.targets import PageTargets, Reference, SiteTargets, StateLink
from lensdoc.records.own_files import holding
from lensdoc.records.reading import read_record
from lensdoc.records.record import Record

Choice = tuple[str, Mapping[str, Record]]
"""What a reader chooses in a figure, and the record of each value."""


@dataclass
class Build:
    """Shared by all pages of one build."""

    data: Path = Path("docs/data")
    """The folder of data files: `<run>/<name>.json`."""
    docs: Path = Path("docs")
    """The folder whose files are the site's."""
    root: Path = Path()
    """The folder from which options name files, that of mkdocs.yml."""
    report: Callable[[str], None] = logging.getLogger("lensdoc").warning
    """Receives each mistake; the MkDocs plugin makes it a warning, fatal under `--strict`."""
    site_url: str = ""
    is_incremental: bool = False
    """Whether other pages may never be rendered in this build: then nothing of a page depends on them."""
    number_sections: bool = False
    """Whether headings have numbers."""
    library: object = None
    """The works that pages cite, a `citations.library.Library`; the extension makes it for the first page."""
    notebooks: dict[str, str] = field(default_factory=dict)
    """Run to the address of the page with its executed notebook, from the root of the site; none outside of MkDocs."""
    freshness: Mapping[str, Freshness] | None = None
    """That of the records that runs make; None until it is asked for."""
    tables: Mapping[str, str] = field(default_factory=dict)
    """Name of each record of which the site has a table, to the table."""

    embeds: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Path of each page that has one figure alone, to the page and the id of the figure."""
    targets: dict[str, PageTargets] = field(default_factory=dict)
    """What can be referred to, by page, of the pages that are rendered."""
    site: Callable[[], SiteTargets] | None = None
    """Gives what can be referred to on all pages; None where the engine does not tell of other pages."""
    waits: bool = False
    """Whether references to other pages wait until all pages are rendered."""
    waiting: list[Reference] = field(default_factory=list)
    """Those that wait, as the elements that stand for them count them."""
    has_live: bool = False
    """Whether a page has a figure whose model a reader may ask, for which the site needs the engine."""
    plots: dict[str, str] = field(default_factory=dict)
    """Scripts that draw specifications on pages, by their path below the site's folder of ours."""
    figures: dict[str, dict[str, tuple[Record, Mapping[str, Any]]]] = field(default_factory=dict)
    """Record and options of the figures with ids, by page and id, of the pages that are rendered."""
    choices: dict[str, dict[str, Choice]] = field(default_factory=dict)
    """Those in which a reader chooses among records, by page and id."""
    state_links: dict[str, list[StateLink]] = field(default_factory=dict)
    """Links to states of figures on other pages, by the page on which they stand."""

    _records: dict[str, Record] = field(default_factory=dict)
    _name_of: dict[int, str] = field(default_factory=dict)
    _names: set[str] = field(default_factory=set)
    _missing: dict[str, str] = field(default_factory=dict)
    _data_paths: dict[str, str | None] = field(default_factory=dict)

    def begin(self) -> None:
        """Forget what pages hold: all are rendered now, and references to other pages wait until `end`."""
        for found in (self.targets, self.waiting, self.figures, self.choices, self.state_links):
            found.clear()
        self.waits, self.site = True, None

    def end(self) -> None:
        """All pages are rendered: references to other pages can be resolved."""
        site = SiteTargets(self.targets)
        self.waits, self.site = False, lambda: site

    def complain(self, message: str, page: str, line: int | None) -> None:
        """Report a mistake of a page.

        Args:
            message: The rule, what was found, and what to do.
            page: The path of the page below the folder of pages.
            line: The line of its file, where that is known.
        """
        self.report(f"{page}:{line}: {message}" if line else f"{page}: {message}")

    def record(self, name: str) -> Record:
        """The record `RUN/NAME`, read once.

        Raises:
            PublishError: There is no such record; the message names the nearest ones.
            DataError: The file breaks the format.
        """
        if name in self._missing:
            raise PublishError(self._missing[name])
        if name not in self._records:
            path = self.data / f"{name}.json"
            if name not in self._names:
                self._names = set(self.names())  # walks the folder
            if name not in self._names:
                why = f"no record {name!r}{self._why_not(name, path)}"
                self._missing[name] = why
                raise PublishError(why)
            self._records[name] = read_record(path)
            self._name_of[id(self._records[name])] = name
        return self._records[name]

    def is_declared(self, name: str) -> bool:
        """Whether a run of `runs.yml` has the record among those that it makes."""
        try:
            self.freshness_of(name)
        except RunError:  # told where runs.yml is read
            return False
        state = (self.freshness or {}).get(name)
        return state is not None and not state.gone

    def _why_not(self, name: str, path: Path) -> str:
        run = name.rpartition("/")[0]
        if self.is_declared(name):
            return f": the run {run!r} has not made it yet; execute it: lensdoc run {run}"
        return f" ({path} does not exist); {nearest(name, sorted(self._names))}"

    def saved(self, name: str, hashed: str) -> Record:
        """The record that an executed notebook shows.

        Args:
            name: Its `RUN/NAME`.
            hashed: SHA-256 of its file when the notebook was executed.

        Raises:
            PublishError: There is no such record, or its file is another one.
            DataError: The file breaks the format.
        """
        record, content = self.record(name), (self.data / f"{name}.json").read_bytes()
        if hashed not in {digest(content), text_digest(content)}:
            raise PublishError(f"the record {name} is not the one that it showed when it was executed; run it again: lensdoc run")
        return holding(record, self.data / f"{name}.json")

    def name_of(self, record: Record) -> str:
        """The name under which a record was read."""
        return self._name_of[id(record)]

    def freshness_of(self, name: str) -> Freshness:
        """How far a record can be trusted; without a plugin it is found where the build is started.

        Raises:
            RunError: `runs.yml` or the lock cannot be read.
        """
        if self.freshness is None:
            project = Project(self.root)
            self.freshness = record_freshness(project, status(project)) if project.has_runs else {}
        return self.freshness.get(name, Freshness())

    def data_path(self, name: str) -> str | None:
        """Where the site has a record, without its suffix; None where the data lie outside the site's files."""
        if name not in self._data_paths:
            path, docs = (self.data / name).resolve(), self.docs.resolve()
            self._data_paths[name] = path.relative_to(docs).as_posix() if path.is_relative_to(docs) else None
        return self._data_paths[name]

    def names(self) -> list[str]:
        """Names of all records there are."""
        root = self.data.resolve()
        found = self.data.rglob("*.json")  # which follows no links to folders
        files = (path for path in found if not path.is_symlink() or path.resolve().is_relative_to(root))
        return [path.relative_to(self.data).with_suffix("").as_posix() for path in files]
