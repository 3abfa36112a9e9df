"""`lensdoc deposit`: everything of an article in one archive, built for it and checked."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lensdoc.core.errors import PublishError
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.site import read_site
from lensdoc.publish.article.citing import Published, as_citation_file
from lensdoc.publish.article.schema import Article
from lensdoc.publish.crates.crate import write_crate
from lensdoc.publish.crates.described import read_described
from lensdoc.publish.deposits.archive import pack
from lensdoc.publish.deposits.building import build, check_fresh, check_site
from lensdoc.publish.deposits.printing import articles, find_browser, print_pages
from lensdoc.publish.deposits.zenodo import FILE, as_zenodo
from lensdoc.publish.markup.tree import read_tree

CITATION_FILE = "CITATION.cff"
_NOBODY = "Your Name"
"""The author of an article that `lensdoc new` has just made."""


@dataclass(frozen=True)
class Deposited:
    """What an archive holds."""

    files: int
    size: int
    """Bytes of the archive."""
    pdfs: tuple[str, ...]
    has_browser: bool
    has_day: bool
    """Whether the front matter names a day; else the archive has that on which it was made."""


def deposit(project: Project, archive: Path, *, site: Path | None, licence: str | None, pdf: bool = True) -> Deposited:
    """Write the archive: the crate with the site in it, `CITATION.cff`, `.zenodo.json`, a PDF of each article, and a manifest.

    Args:
        project: The article's project.
        archive: The file, which is replaced when all of it is there.
        site: A built site; None builds one with MkDocs.
        licence: Identifier of SPDX, in place of that in the front matter of the first page.
        pdf: Whether articles are printed, where there is a browser.

    Raises:
        PublishError: A run is not fresh, the build fails, the site is older than its sources, or metadata are missing.
    """
    check_fresh(project)
    article, said = read_described(project, licence)
    _check_authors(article)
    if site:
        check_site(project, site)
    browser = find_browser() if pdf else None
    with tempfile.TemporaryDirectory(prefix="lensdoc-deposit-") as name:
        folder, built = Path(name) / "deposit", Path(name) / "site"
        if site:
            shutil.copytree(site, built)
        else:
            build(project, built, date.fromisoformat(said["datePublished"]))
        write_crate(project, folder, site=built, licence=licence)
        chosen = licence or str(article.license)
        described = article.model_copy(update={"license": chosen})
        published = Published(
            described, _title(built, said["name"]), _setting(project, "site_name"), _setting(project, "site_url")
        )
        (folder / CITATION_FILE).write_text(as_citation_file(published), encoding="utf-8", newline="")
        metadata = as_zenodo(published, said["datePublished"], chosen, said["description"])
        (folder / FILE).write_text(metadata, encoding="utf-8", newline="")
        pdfs = print_pages(browser, built, articles(built), folder / "pdf") if browser else []
        files = pack(folder, archive)
    return Deposited(
        len(files), archive.stat().st_size, tuple(path.name for path in pdfs), browser is not None, bool(article.date)
    )


def _check_authors(article: Article) -> None:
    if not article.authors:
        raise PublishError(
            "the first page names no authors, which a deposit must have; add `authors: [Ada Example]` on top of it"
        )
    if any(author.name == _NOBODY for author in article.authors):
        raise PublishError(
            f"the first page names its author as {_NOBODY!r}, as `lensdoc new` wrote it, and a deposit must name who wrote the "
            "article; put a name and an affiliation on top of the page"
        )


def _title(site: Path, otherwise: str) -> str:
    """That of the built page, in which values are filled in."""
    tree = read_tree((site / "index.html").read_text(encoding="utf-8", errors="replace"))
    found = tree.xpath("/html/head/meta[@property='og:title']/@content")
    return str(found[0]) if found else otherwise


def _setting(project: Project, name: str) -> str:
    found = read_site(project.root / "mkdocs.yml").settings.get(name)
    return found if isinstance(found, str) else ""
