"""Markdown twins of the pages of one build of MkDocs."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

from lensdoc.core.errors import PublishError
from lensdoc.publish.twins.twins import Twin, alternate, twins

_HEAD = "</head>"


class Twins:
    """Collects pages as they pass by, and writes their twins once the site is there."""

    def __init__(self, report: Callable[[str], None], order: Callable[[], list[Page]]) -> None:
        """No page has passed yet.

        Args:
            report: Receives why there are none.
            order: Gives the pages of the navigation, in which order the list has them.
        """
        self._report = report
        self._order = order
        self._pages: dict[str, Twin] = {}

    def page(self, html: str, page: Page, title: str) -> str:
        """The page, with a tag that names its twin if it is to have one; those of notebooks have none."""
        if not page.file.src_uri.endswith(".md") or _HEAD not in html:
            return html
        path = page.file.dest_uri
        self._pages[page.file.src_uri] = Twin(path, title, unescape(str(page.meta.get("description") or "")), page.content or "")
        return html.replace(_HEAD, alternate(path) + _HEAD, 1)

    def write(self, config: MkDocsConfig) -> None:
        """Write them into the site."""
        listed = [page.file.src_uri for page in self._order() if page.file.src_uri in self._pages]
        pages = [self._pages[name] for name in dict.fromkeys([*listed, *sorted(self._pages)])]
        site = Path(config.site_dir)

        def read(path: str) -> str | None:
            file = site / path
            return file.read_text(encoding="utf-8") if file.is_file() else None

        try:
            found = twins(pages, read, config.site_name, config.site_description or "", config.site_url or "")
        except PublishError as error:
            self._report(str(error))
            return
        for path, text in found.items():
            (site / path).write_text(text, encoding="utf-8", newline="")
