"""What the pages of a site of Zensical hold, which does not say when all are rendered, nor renders those that did not change.

So all are read when a page first refers to another. They are looked at again when a page is rendered that has changed since.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from copy import copy
from pathlib import Path
from typing import Any

from lensdoc.publish.engines.survey import Survey, front_matter
from lensdoc.publish.state.build import Build
from lensdoc.publish.state.targets import SiteTargets

_CONTEXT = "zensical.extensions.context"
"""The extension that tells others of the page that is rendered."""
_CLOCK_NANOSECONDS = 50_000_000
"""Nanoseconds by which the times of files may lag behind the clock."""


class Site:
    """Called for what can be referred to on all pages."""

    def __init__(self, build: Build, config: Mapping[str, Any]) -> None:
        """Nothing is read yet; `config` is the configuration of Zensical."""
        self._build = build
        self._config = config
        self._survey = Survey(build, config["mdx_configs"])
        self._page: Any = None
        self._looked = 0
        self._changed: dict[Path, int] = {}
        self._targets = SiteTargets({})

    def begin(self, page: Any) -> None:  # noqa: ANN401 - a class of Zensical, which may not be installed
        """A page is rendered to be shown; where it has changed since the last look, others may have too."""
        self._page = page
        if (self._build.docs / page.path).stat().st_mtime_ns > self._looked - _CLOCK_NANOSECONDS:
            self._looked = 0

    def __call__(self) -> SiteTargets:
        """The targets of all pages."""
        if not self._looked:
            self._looked = time.time_ns()
            self._look()
        return self._targets

    def _look(self) -> None:
        """Read the pages that are new or have changed, and forget those that are gone."""
        docs = self._build.docs
        found = {path: path.stat().st_mtime_ns for path in sorted(docs.rglob("*.md"))}
        for path in self._changed.keys() - found.keys():
            name = path.relative_to(docs).as_posix()
            for known in (self._build.targets, self._build.figures, self._build.choices, self._build.state_links):
                known.pop(name, None)
        for path, changed in found.items():
            if self._changed.get(path) != changed:
                text = path.read_text(encoding="utf-8", errors="replace")
                name = path.relative_to(docs).as_posix()
                self._survey.read(name, text, [self._told_of(name, text, each) for each in self._config["markdown_extensions"]])
        self._changed = found
        self._targets = SiteTargets(self._build.targets)

    def _told_of(self, name: str, text: str, extension: Any) -> Any:  # noqa: ANN401 - a name, or an object of whatever class
        """An extension as it is for another page: the one that tells of the page is made anew."""
        if getattr(extension, "name", None) != _CONTEXT:
            return extension
        page = copy(self._page)
        page.path, page.url, page.meta = name, "", front_matter(text)
        return type(extension)(page=page, config=self._config)
