"""What the authoring syntax needs to know of the site: where the data lie, which page is rendered, whom to tell of mistakes."""

from __future__ import annotations

import logging
import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lensdoc.explorables.elements import Element
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
    figures: list[tuple[Element, Record]] = field(default_factory=list)
    """The figures of the page that is rendered, each with its record."""
    url: str = ""
    """Address of the page that is rendered, from the root of the site."""
    notebooks: dict[str, str] = field(default_factory=dict)
    """Run to the address of the page with its executed notebook, from the root of the site; none outside of MkDocs."""
    _records: dict[str, Record] = field(default_factory=dict)

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

    def record(self, name: str) -> Record:
        """The record `RUN/NAME`, read once.

        Raises:
            PublishError: There is no such record; the message names the nearest ones.
            DataError: The file breaks the format.
        """
        if name not in self._records:
            path = self.data / f"{name}.json"
            names = self._names()
            if name not in names:
                raise PublishError(f"no record {name!r} ({path} does not exist); {nearest(name, names)}")
            self._records[name] = read_record(path)
        return self._records[name]

    def _names(self) -> list[str]:
        root = self.data.resolve()
        files = (path for path in self.data.rglob("*.json") if path.resolve().is_relative_to(root))
        return [path.relative_to(self.data).with_suffix("").as_posix() for path in files]
