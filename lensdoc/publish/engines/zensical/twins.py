"""Markdown twins of the pages of a site that an engine without plugin events built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lensdoc.publish.engines.theme.opening_band import lifted
from lensdoc.publish.engines.zensical.built_page import BuiltPage
from lensdoc.publish.markup.tree import read_tree
from lensdoc.publish.twins.twins import Twin, twins


def built_twins(site: Path, pages: Sequence[BuiltPage], tables: Mapping[Path, str]) -> dict[str, str]:
    """The texts of twins and of their list, by their path below the site's folder.

    Args:
        site: The folder of the site.
        pages: Its pages; those that our extension did not render have none.
        tables: Tables of numbers that are not written yet, by their path.

    Raises:
        PublishError: Pandoc is missing, or could not write them.
    """
    front = next(page for page in pages if page.path == site / "index.html")

    def read(path: str) -> str | None:
        file = site / path
        if file.resolve() in tables:
            return tables[file.resolve()]
        return file.read_text(encoding="utf-8") if file.is_file() else None

    found = [_twin(site, page) for page in pages if page.head is not None]
    name = _told(front, "og:site_name") or _title(front)
    return twins(found, read, name, "", front.canonical.removesuffix("index.html"))


def _twin(site: Path, page: BuiltPage) -> Twin:
    content = lifted(page.html) + page.content
    return Twin(page.path.relative_to(site).as_posix(), _title(page), _description(page), content)


def _title(page: BuiltPage) -> str:
    return _told(page, "og:title") or _said(page, "//h1").replace("¶", "").strip() or _said(page, "//title")


def _description(page: BuiltPage) -> str:
    return _said(page, "/html/head/meta[@name='description']/@content")


def _told(page: BuiltPage, name: str) -> str:
    """What our extension left for the head of a page, by its name there."""
    found = read_tree(page.head or "").xpath(f"//meta[@property='{name}']/@content")
    return str(found[0]) if found else ""


def _said(page: BuiltPage, path: str) -> str:
    """The first text at a path of the page's tree."""
    found = page.tree.xpath(path)
    text = found[0] if found else ""
    return " ".join((text if isinstance(text, str) else text.text_content()).split())
