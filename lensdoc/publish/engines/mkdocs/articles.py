"""Articles of one build: their front matter in the pages, their tags in the heads, and a citation file where it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import unescape

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink

from lensdoc.publish.article.citing import Published, as_citation_file
from lensdoc.publish.article.page import ends, first_heading, with_front_matter
from lensdoc.publish.article.publish import Site, read_published
from lensdoc.publish.article.schema import Article
from lensdoc.publish.article.tags import head_tags
from lensdoc.publish.engines.theme.titles import escape_title, for_theme
from lensdoc.publish.state.page import PageState

CITATION_FILE = "CITATION.cff"
_HEAD = "</head>"
_SECTION_LEVEL = 2


class Articles:
    """The pages of a build that have front matter."""

    def __init__(self, report: Callable[[str], None]) -> None:
        """`report` receives each mistake."""
        self._report = report
        self._published: dict[str, Published] = {}

    def add(self, html: str, page: Page, state: PageState, config: MkDocsConfig, files: Files) -> str:
        """The content of a page with what it shows of its front matter; mistakes are reported.

        Args:
            html: The content as it was rendered.
            page: The page; its meta data and its table of contents are extended.
            state: Its state, with the front matter in which values are filled in.
            config: The configuration of the site.
            files: The files of the site, the picture of the article among them.
        """
        is_markdown = page.file.src_uri.endswith(".md")
        page.meta.update(for_theme(state.meta if is_markdown else page.meta))
        if not page.is_homepage:  # which is called like the site
            page.meta.update(escape_title(page.meta, str(page.title or "")))
        title = unescape(str(page.title or config.site_name))
        language = str(config.theme.get("language") or "en")
        if is_markdown:
            site = Site(config.site_name, language, config.site_url or "", lambda: {file.src_uri: file.url for file in files})
            published = read_published(state, html, title, site)
        else:
            published = Published(
                Article(), first_heading(html) or title, config.site_name, page.canonical_url or "", language=language
            )
        if published is None:
            return html
        self._published[page.file.src_uri] = published
        _extend_contents(page, published.article)
        return with_front_matter(html, published) if is_markdown else html

    def title_of(self, page: Page) -> str:
        """The title of a page, as text; that of its front matter, else of its first heading, else of the navigation."""
        published = self._published.get(page.file.src_uri)
        return published.title if published else unescape(str(page.title or ""))

    def head(self, html: str, page: Page) -> str:
        """The page with its tags for indexers."""
        published = self._published.get(page.file.src_uri)
        return html.replace(_HEAD, head_tags(published) + _HEAD, 1) if published else html

    def citation_file(self, files: Files, config: MkDocsConfig) -> None:
        """Add a `CITATION.cff` for the article of the site: its first page, else the first that has authors."""
        signed = [published for published in self._published.values() if published.article.authors]
        if not signed:
            self._report(
                "mkdocs.yml: citation_cff asks for a citation file, but no page has authors; give one in its front matter"
            )
            return
        first = self._published.get("index.md")
        chosen = first if first in signed else signed[0]
        files.append(File.generated(config, CITATION_FILE, content=as_citation_file(chosen)))
        if config.site_url:
            name = next(name for name, published in self._published.items() if published is chosen)
            self._published[name] = replace(chosen, described_by=f"{config.site_url.rstrip('/')}/{CITATION_FILE}")


def _extend_contents(page: Page, article: Article) -> None:
    """Tell the table of contents of the sections that are added."""
    added = [AnchorLink(heading, name, _SECTION_LEVEL) for heading, name in ends(article)]
    if not added:  # the page of a notebook that could not be rendered has no table at all
        return
    items = page.toc.items
    last = items[0].children if items and items[0].level == 1 else items
    last += added
