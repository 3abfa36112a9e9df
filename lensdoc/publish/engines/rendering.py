"""What the MkDocs plugin does to a rendered page, done by the extension where there are no plugin events."""

from __future__ import annotations

from html import unescape
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

from lensdoc.explorables.elements import element, to_html
from lensdoc.publish.article.citing import Published
from lensdoc.publish.article.front import read_article
from lensdoc.publish.article.page import ends, first_heading, with_front_matter
from lensdoc.publish.article.picture import picture
from lensdoc.publish.article.schema import Article
from lensdoc.publish.article.tags import head_tags
from lensdoc.publish.context import Context
from lensdoc.publish.crossrefs.across import check_across
from lensdoc.publish.engines.mistakes import Mistakes
from lensdoc.publish.engines.zensical import told
from lensdoc.publish.front import escape_title

HEAD = "ld-head"
"""Class of the element that keeps what belongs into the head of its page until `lensdoc assets` puts it there."""
TAGS = "data-tags"
"""Its attribute, percent-encoded: scripts in there must not look like any to what reads the page."""
_AFTER_STATES = 0.9
"""Links know the states that they ask for."""
_LAST = -1000
_SECTION = 2
_HOMEPAGE = ("", ".", "./", "index.html")
"""Addresses of the page that is called like the site."""


def register(md: Markdown, context: Context) -> None:
    """Finish pages here, where an engine has told of them."""
    given = told(md)
    if given is not None and isinstance(context.report, Mistakes):
        md.treeprocessors.register(StatePlaces(md, context), "lensdoc_state_places", _AFTER_STATES)
        finish = Finish(md, context, given.config, context.report)
        md.treeprocessors.register(Ready(md, finish), "lensdoc_ready", _LAST - 1)
        md.postprocessors.register(finish, "lensdoc_finish", _LAST)


class StatePlaces(Treeprocessor):
    """Zensical looks for the places that links name as they are written: `#fig-two:factor=1`."""

    def __init__(self, md: Markdown, context: Context) -> None:
        super().__init__(md)
        self.context = context

    def run(self, root: ET.Element) -> None:
        """Put a place for each state that a link of the page asks for into its figure."""
        asked = dict.fromkeys(
            (link.get("href", ""), link.get("data-state")) for link in root.iter("a") if "data-state" in link.attrib
        )
        figures = {f"#{figure.get('id')}": figure for figure, _ in self.context.figures}
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
    """Runs last: what the front matter says of an article, the numbers of other pages, and all mistakes."""

    def __init__(self, md: Markdown, context: Context, config: dict[str, Any], mistakes: Mistakes) -> None:
        super().__init__(md)
        self.context = context
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
            text = with_front_matter(text, published) + to_html(
                element("div", {"class": HEAD, "hidden": "", TAGS: quote(head_tags(published))})
            )
        check_across(self.context)
        # Of pages to come the references will be checked once these are rendered.
        self.context.crossed[:] = [crossed for crossed in self.context.crossed if crossed[2].page not in self.context.numbered]
        self.mistakes.tell()
        return text

    def _published(self, text: str) -> Published | None:
        context = self.context
        article = read_article(dict(context.meta), context.header, context.complain)
        if article is None:
            return None
        given = told(self.md)
        assert given is not None
        paths = context.docs.rglob("*") if article.image else ()
        files = {path.relative_to(context.docs).as_posix() for path in paths if path.is_file()}
        return Published(
            article,
            title=article.title or first_heading(text) or unescape(str(given.page.title or self.config["site_name"])),
            site=self.config["site_name"],
            url=context.page_url,
            language=str(self.config["theme"].get("language") or "en"),
            image=picture(
                article, {name: quote(name) for name in sorted(files)}, context.site_url, context.header, context.complain
            ),
        )

    def _escape_title(self) -> None:
        given, contents = told(self.md), getattr(self.md, "toc_tokens", [])
        if given is not None and contents and contents[0]["level"] == 1 and self.context.url not in _HOMEPAGE:
            given.page.meta.update(escape_title(given.page.meta, contents[0]["name"]))

    def _extend_contents(self, article: Article) -> None:
        contents = getattr(self.md, "toc_tokens", [])
        last = contents[0]["children"] if contents and contents[0]["level"] == 1 else contents
        for heading, name in ends(article):
            token = {"level": _SECTION, "id": name, "name": heading, "html": heading, "data-toc-label": "", "children": []}
            last.append(token)
