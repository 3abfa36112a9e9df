"""Markdown twins of a site's pages, `index.md` beside `index.html`, and their list `llms.txt` (https://llmstxt.org)."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote, unquote

from lensdoc.explorables.elements import element, to_html
from lensdoc.publish.twins.markdown import to_markdown
from lensdoc.publish.twins.plain import plain_content

LIST = "llms.txt"
MADE = "<!-- made by lensdoc -->"
"""Ends the list that is made here; one of the author's own stays."""
Read = Callable[[str], str | None]
"""The text of a file by its path below the site's folder; None where there is none."""


@dataclass(frozen=True)
class Twin:
    """A page of which a twin is made."""

    path: str
    """That of its HTML file, below the folder of the site."""
    title: str
    description: str
    content: str
    """What its author wrote, as HTML."""

    @property
    def written(self) -> str:
        """The path of its Markdown, below the folder of the site."""
        return self.path.removesuffix(".html") + ".md"


def alternate(path: str) -> str:
    """The tag that tells programs of the twin of a page.

    The space before `alternate` makes no difference in HTML. Without it Material takes the twin for the page in another language,
    and asks for the sitemap beside it.

    Args:
        path: The path of the page's HTML file.
    """
    name = quote(path.rpartition("/")[2].removesuffix(".html") + ".md")
    return to_html(element("link", {"rel": " alternate", "type": "text/markdown", "href": name}))


def twins(pages: Sequence[Twin], read: Read, name: str, description: str, address: str) -> dict[str, str]:
    """The texts of all twins and of their list, by their path below the site's folder.

    Args:
        pages: The pages of the site, in the order in which they are listed.
        read: Reads a file of the site, for the tables of numbers that figures show.
        name: That of the site.
        description: What the site says of itself, or nothing.
        address: Its address; without one the list has relative links.

    Raises:
        PublishError: Pandoc is missing, or could not write them.
    """
    plain = [_titled(page, plain_content(page.content, partial(_numbers, read, page.path))) for page in pages]
    texts = {page.written: text for page, text in zip(pages, to_markdown(plain), strict=True)}
    there = read(LIST)
    made = there is None or there.rstrip().endswith(MADE)
    return texts | ({LIST: _listed(pages, name, description, address)} if made else {})


def _numbers(read: Read, page: str, link: str) -> str | None:
    """The table that a link of a page leads to."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(link.partition("#")[0])))
    return None if path.startswith(("../", "/")) else read(path)


def _listed(pages: Sequence[Twin], name: str, description: str, address: str) -> str:
    begins = f"{address.rstrip('/')}/" if address else ""
    lines = [f"# {_line(name)}", "", *([f"> {_line(description)}", ""] if description else []), "## Pages", ""]
    for page in pages:
        said = f": {_line(page.description)}" if page.description and page.description != description else ""
        title = _line(page.title).replace("[", "\\[").replace("]", "\\]")
        lines.append(f"- [{title}]({begins}{quote(page.written)}){said}")
    return "\n".join([*lines, "", MADE, ""])


def _titled(page: Twin, html: str) -> str:
    """With a heading where the page has its title from elsewhere."""
    return html if "<h1" in html else to_html(element("h1", None, page.title)) + html


def _line(text: str) -> str:
    return " ".join(text.split())
