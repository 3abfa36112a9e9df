"""Adds links to the 404 page of the theme, which only says that there is no page at the address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from urllib.parse import urlsplit

from mkdocs.structure import StructureItem
from mkdocs.structure.nav import Section
from mkdocs.structure.pages import Page

_PAGE = "404.html"
_HEADING = "<h1>404 - Not found</h1>"


def add_links(html: str, name: str, items: Iterable[StructureItem], site_url: str | None) -> str:
    """The 404 page of the theme with a sentence and a link to each part of the site.

    The page is shown at any address, so its links begin where the site does, as those of the theme do. Titles are HTML, as there.

    Args:
        html: A page that the theme makes by itself; others than the 404 page stay as they are.
        name: The name of its template.
        items: The top items of the navigation.
        site_url: The address of the site; without it links begin at the root of the host.
    """
    if name != _PAGE or _HEADING not in html:
        return html
    root = urlsplit(site_url or "/").path.rstrip("/")
    links = "".join(f'<li><a href="{escape(f"{root}/{url}")}">{title}</a></li>' for title, url in _parts(items))
    said = "<p>There is no page at this address: it may be mistyped, or the page may have moved. The site has these parts:</p>"
    return html.replace(_HEADING, f"{_HEADING}\n{said}\n<ul>{links}</ul>", 1)


def _parts(items: Iterable[StructureItem]) -> Iterator[tuple[str, str]]:
    """Title and address of each top item that leads to a page of the site; of a section it is its first page."""
    for item in items:
        if page := _first(item):
            yield str(item.title or page.title), "" if page.url == "./" else page.url


def _first(item: StructureItem) -> Page | None:
    if isinstance(item, Section):
        return next(filter(None, map(_first, item.children)), None)
    return item if isinstance(item, Page) else None
