"""Reads the article that the front matter of a page describes, with what the site knows of it; for every engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from lensdoc.publish.article.citing import Published
from lensdoc.publish.article.front_matter import read_article
from lensdoc.publish.article.page import first_heading
from lensdoc.publish.article.picture import picture
from lensdoc.publish.state.page import PageState


@dataclass(frozen=True)
class Site:
    """What an engine knows of the site."""

    name: str
    language: str
    url: str
    files: Callable[[], Mapping[str, str]]
    """The files of the site: path below the folder of pages, and address from the root of the site."""


def read_published(page: PageState, html: str, title: str, site: Site) -> Published | None:
    """The article that the front matter of a page describes; None where it breaks a rule, which is reported.

    Args:
        page: The page.
        html: Its content, whose first heading is the title where the front matter has none.
        title: The title where neither has one.
        site: The site.
    """
    article = read_article(dict(page.meta), page.header, page.complain)
    if article is None:
        return None
    files = site.files() if article.image else {}
    return Published(
        article,
        title=article.title or first_heading(html) or title,
        site=site.name,
        url=page.canonical_url,
        language=site.language,
        image=picture(article, files, site.url, page.header, page.complain),
        data=tuple(_data(page, site.url)),
    )


def _data(page: PageState, site: str) -> Iterator[str]:
    """The addresses of the data files of a page's figures, each once, where that of the site is known."""
    names = dict.fromkeys(page.build.name_of(record) for _, record in page.shown()) if site else ()
    for name in names:
        if path := page.build.data_path(name):
            yield f"{site.rstrip('/')}/{quote(path)}.json"
