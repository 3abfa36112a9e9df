"""The data that the pages of a built site offer: records are in it, tables are made of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from lensdoc.core.errors import PublishError
from lensdoc.publish.engines.zensical.built_page import BuiltPage
from lensdoc.publish.figures.tables import csv_text
from lensdoc.records.reading import read_record


def missing_tables(site: Path, pages: Iterable[BuiltPage]) -> dict[Path, str]:
    """The tables that figures offer, by path; each is that of the record beside it.

    Raises:
        PublishError: A page offers data that the site lacks.
        DataError: A record breaks the format.
    """
    found: dict[Path, str] = {}
    for page in pages:
        for target in _offered(page):
            record = target.with_suffix(".json")
            if not target.is_relative_to(site.resolve()):
                raise PublishError(f"{page.path} offers data outside of the site, {target}; build it again")
            if not record.is_file():
                name = record.relative_to(site.resolve()).as_posix()
                raise PublishError(f"{page.path} links to {name}, which the site lacks; build it again with docs/data")
            if target.suffix == ".csv" and target not in found:
                found[target] = csv_text(read_record(record)) or ""
    return found


def _offered(page: BuiltPage) -> set[Path]:
    """Files that the links of figures and values lead to; those of an author are none of ours."""
    links = page.tree.xpath("//p[@class='ld-links']//a[@download]/@href | //a[@class='ld-value']/@href")
    paths = (unquote(link.partition("#")[0].partition("?")[0]) for link in links if "://" not in link)
    return {Path(os.path.normpath(page.path.parent.resolve() / path)) for path in paths if path.endswith((".json", ".csv"))}
