"""References from page to page, resolved once all pages are rendered."""

from __future__ import annotations

from functools import partial

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.utils import get_relative_url

from lensdoc.publish.crossrefs.other_pages import fill
from lensdoc.publish.engines.survey import Survey
from lensdoc.publish.figures.state_links import check_states
from lensdoc.publish.state.build import Build


class PageReferences:
    """The pages of one build, by their paths, and what refers to them."""

    def __init__(self, build: Build, files: Files) -> None:
        """Take up the pages that MkDocs has.

        Args:
            build: Knows what each page holds and what it refers to.
            files: The files of the site.
        """
        self._build = build
        self._pages = {file.src_uri: file for file in files.documentation_pages() if file.page}

    def resolve(self, config: MkDocsConfig) -> None:
        """Resolve the references in all pages; of pages that `--dirty` has not rendered the sources are read."""
        build = self._build
        survey = Survey(build, config.mdx_configs)
        for name, file in self._pages.items():
            if name.endswith(".md") and name not in build.targets and build.waiting:
                survey.read(name, file.content_string, config.markdown_extensions)
        build.end()
        for file in self._pages.values():
            assert file.page
            file.page.content = self.fill(file.page.content or "", file.url)
        check_states(build, [link for links in build.state_links.values() for link in links])

    def fill(self, html: str, address: str) -> str:
        """The HTML of a page with its references resolved; `address` is that of the page."""
        return fill(html, self._build, partial(self._address, address))

    def _address(self, here: str, name: str) -> str:
        """The address of a page, told by its path, as seen from another address of the site."""
        return get_relative_url(self._pages[name].url, here)
