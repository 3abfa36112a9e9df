"""The works and the style of one build."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from lensdoc.publish.citations.bibliography import Work, read_bibliography
from lensdoc.publish.citations.style import find_style, read_style
from lensdoc.publish.citations.works import mistakes
from lensdoc.records.errors import PublishError

STYLE = "ieee"
"""The style of an article that names none."""


class Library:
    """Read when first asked, and shared by the pages of a build; each mistake is reported once."""

    def __init__(self, root: Path, files: Sequence[str], style: str, report: Callable[[str], None]) -> None:
        """Nothing is read yet; `root` is the folder from which files are named."""
        self.root = root
        self.files = files
        self._style = style
        self._report = report
        self.memory: dict[object, Any] = {}
        self._checked: set[str] = set()
        self._file_of: dict[str, str] = {}

    @cached_property
    def works(self) -> dict[str, Work]:
        """The works of all files by key; of two with one key the first counts."""
        works: dict[str, Work] = {}
        for file in self.files:
            try:
                found = read_bibliography(self.root / file)
            except OSError as error:
                self._report(f"mkdocs.yml: bibliography {file!r} cannot be read: {error.strerror or error}")
                continue
            for line, message in found.mistakes:
                self._report(f"{file}:{line}: {message}")
            for key, work in found.works.items():
                if key in works:
                    self._report(f"{file}:{work.line}: the key {key!r} stands in {self._file_of[key]} too, which is used")
                self._file_of.setdefault(key, file)
                works.setdefault(key, work)
        return works

    @cached_property
    def style(self) -> Any:  # noqa: ANN401 - citeproc-py has no types
        """The style as citeproc-py holds it; after a mistake the style of an article that names none."""
        try:
            return read_style(find_style(self._style, self.root))
        except PublishError as error:
            self._report(f"mkdocs.yml: csl: {error}")
            return read_style(find_style(STYLE, self.root))

    def check(self, work: Work) -> None:
        """Report what a work that is listed lacks or has wrong, once in a build."""
        if work.key not in self._checked and not work.broken:
            self._checked.add(work.key)
            for line, message in mistakes(work):
                self._report(f"{self._file_of[work.key]}:{line}: {message}")
