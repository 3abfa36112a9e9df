"""What the MkDocs plugin does to a rendered page, done by the extension where there are no plugin events."""

from __future__ import annotations

from collections.abc import Mapping
from html import unescape
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

from lensdoc.explorables.elements import to_html
from lensdoc.pipeline.site import read_site
from lensdoc.publish.article.citing import Published
from lensdoc.publish.article.page import ends, with_front_matter
from lensdoc.publish.article.publish import Site, read_published
from lensdoc.publish.article.schema import Article
from lensdoc.publish.engines.theme.titles import escape_title
from lensdoc.publish.engines.zensical.head_marker import marker
from lensdoc.publish.engines.zensical.mistakes import Mistakes
from lensdoc.publish.engines.zensical.page_state import told
from lensdoc.publish.figures.state_links import check_states, states_linked_to
from lensdoc.publish.privacy.blocked import blocked_lines
from lensdoc.publish.state.page import PageState
from lensdoc.publish.syntax.processors import add

_SECTION_LEVEL = 2
_HOMEPAGE = ("", ".", "./", "index.html")
"""Addresses of the page that is called like the site."""


def register(md: Markdown, page: PageState) -> None:
    """Finish pages here, where an engine has told of them."""
    given = told(md)
    if given is not None and isinstance(page.build.report, Mistakes) and not page.is_survey:
        add(md, "treeprocessors", "lensdoc_state_places", StatePlaces(md, page))
        finish = Finish(md, page, given.config, page.build.report)
        add(md, "treeprocessors", "lensdoc_ready", Ready(md, finish))
        add(md, "postprocessors", "lensdoc_finish", finish)


class StatePlaces(Treeprocessor):
    """Zensical looks for the places that links name as they are written: `#fig-two:factor=1`."""

    def __init__(self, md: Markdown, page: PageState) -> None:
        super().__init__(md)
        self.page = page

    def run(self, root: ET.Element) -> None:
        """Put a place for each state that a link of this page or another asks for into its figure."""
        links = [(link.get("href", ""), link.get("data-state")) for link in root.iter("a") if "data-state" in link.attrib]
        if self.page.build.site and self.page.figures:
            self.page.build.site()  # other pages are read, with their links
        asked = dict.fromkeys([*links, *((f"#{figure}", state) for figure, state in states_linked_to(self.page))])
        figures = {f"#{figure.get('id')}": figure for figure, _ in self.page.figures}
        for address, state in asked:
            if address in figures:
                ET.SubElement(figures[address][-1], "span", {"id": f"{address[1:]}:{state}", "hidden": ""})


class Ready(Treeprocessor):
    """Runs after all others: what is postprocessed from now on is the page, and before that single headings for the contents."""

    def __init__(self, md: Markdown, finish: Finish) -> None:
        super().__init__(md)
        self.finish = finish

    def run(self, root: ET.Element) -> None:
        """Let the page be finished."""
        del root
        self.finish.ready = True


class Finish(Postprocessor):
    """Runs last: what the front matter says of an article, links to states of other pages, and all mistakes."""

    def __init__(self, md: Markdown, page: PageState, config: dict[str, Any], mistakes: Mistakes) -> None:
        """Nothing is rendered yet.

        Args:
            md: The converter of the page.
            page: The page.
            config: What mkdocs.yml says, as Zensical reads it.
            mistakes: Those of the page, told once it is rendered.
        """
        super().__init__(md)
        self.page = page
        self.config = config
        self.mistakes = mistakes
        self.ready = False

    def run(self, text: str) -> str:
        """The page with its byline and its end."""
        if not self.ready:
            return text
        published = self._published(text)
        self._escape_title()
        if published:
            self._extend_contents(published.article)
            text = with_front_matter(text, published)
        text += to_html(marker(published))
        self._tell_blocked(text)
        check_states(self.page.build, self.page.build.state_links.get(self.page.path, ()))
        self.mistakes.tell()
        return text

    def _tell_blocked(self, text: str) -> None:
        """Say which scripts of the page the policy of `lensdoc assets` keeps from running."""
        options = read_site(self.page.build.root / "mkdocs.yml").plugins.get("lensdoc")
        if isinstance(options, Mapping) and options.get("private") is False:
            return
        source = (self.page.build.docs / self.page.path).read_text(encoding="utf-8", errors="replace")
        for line, message in blocked_lines(text, source.splitlines()):
            self.page.complain(message, line)

    def _published(self, text: str) -> Published | None:
        given = told(self.md)
        assert given is not None
        name = self.config["site_name"]
        site = Site(name, str(self.config["theme"].get("language") or "en"), self.page.build.site_url, self._files)
        return read_published(self.page, text, unescape(str(given.page.title or name)), site)

    def _files(self) -> dict[str, str]:
        docs = self.page.build.docs
        names = sorted(path.relative_to(docs).as_posix() for path in docs.rglob("*") if path.is_file())
        return {name: quote(name) for name in names}

    def _escape_title(self) -> None:
        given, contents = told(self.md), getattr(self.md, "toc_tokens", [])
        if given is not None and contents and contents[0]["level"] == 1 and self.page.url not in _HOMEPAGE:
            given.page.meta.update(escape_title(given.page.meta, contents[0]["name"]))

    def _extend_contents(self, article: Article) -> None:
        contents = getattr(self.md, "toc_tokens", [])
        last = contents[0]["children"] if contents and contents[0]["level"] == 1 else contents
        for heading, name in ends(article):
            token = {"level": _SECTION_LEVEL, "id": name, "name": heading, "html": heading, "data-toc-label": "", "children": []}
            last.append(token)
