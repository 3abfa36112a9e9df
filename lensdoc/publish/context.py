"""What the authoring syntax needs to know of the site: where the data lie, which page is rendered, whom to tell of mistakes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

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
    """Line of the source at which the page's Markdown begins, after the front matter."""
    report: Callable[[str], None] = logging.getLogger("lensdoc").warning
    """Receives each mistake; the MkDocs plugin makes it a warning, fatal under `--strict`."""
    checked: set[str] = field(default_factory=set)
    """Code spans that the lint has found in the source and, where they were wrong, reported."""
    used: set[str] = field(default_factory=set)
    """Names of the records that pages asked for."""
    _records: dict[str, Record] = field(default_factory=dict)

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
        self.used.add(name)
        return self._records[name]

    def _names(self) -> list[str]:
        root = self.data.resolve()
        files = (path for path in self.data.rglob("*.json") if path.resolve().is_relative_to(root))
        return [path.relative_to(self.data).with_suffix("").as_posix() for path in files]
