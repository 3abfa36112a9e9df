"""Scripts, styles and data for a site that an engine without plugin events built: what `lensdoc assets` does.

Everything is read and checked before anything is written, and a second time changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path

from lensdoc.core.errors import PublishError
from lensdoc.explorables import assets
from lensdoc.explorables.own_files import PLOT
from lensdoc.explorables.own_kinds import own_scripts
from lensdoc.publish.engines.zensical.built_page import BuiltPage
from lensdoc.publish.engines.zensical.downloads import missing_tables
from lensdoc.publish.engines.zensical.twins import built_twins
from lensdoc.publish.figures.choices import has_parts, lift
from lensdoc.publish.figures.embeds import Source, embed_page, path_of_page
from lensdoc.publish.figures.libraries import library
from lensdoc.publish.privacy.foreign import foreign_in_page, foreign_in_style
from lensdoc.publish.privacy.policy import Policy, without_scripts


@dataclass
class Completed:
    """What a site was given."""

    pages: int = 0
    tables: int = 0
    embeds: int = 0
    written: int = 0
    """Files that are new or hold something else than before."""
    files: dict[Path, bytes] = field(default_factory=dict, repr=False)


def complete(site: Path, *, private: bool = True, markdown: bool = True) -> Completed:
    """Make the explorables, formulas, tables and looks of a built site work.

    Args:
        site: The folder that the engine built.
        private: Whether pages load from the site alone: each gets a strict policy, and an address of another host is an error.
        markdown: Whether each page gets a twin in Markdown, and the site a list of them.

    Raises:
        PublishError: The folder is no such site, lacks data, or its pages would load something from another host.
    """
    pages = _pages(site)
    if private:
        _refuse_foreign(site, pages)
    done = Completed(pages=len(pages))
    for index, page in enumerate(pages):
        pages[index], choices = _without_choices(page)
        for name, text in choices.items():
            content = without_scripts(text) if private and name.endswith(".html") else text
            done.files[site / name] = content.encode()
    for asset, path in (assets.of_sites() | own_scripts() | assets.of_articles()).items():
        done.files[site / assets.PLACE / asset] = path.read_bytes()
    if any("<lens-live" in page.html and "data-files=" in page.html for page in pages):
        done.files |= {site / assets.PLACE / name: path.read_bytes() for name, path in assets.of_live().items()}
    done.files |= {site / assets.PLACE / name: text.encode() for page in pages for name, text in _plots(page).items()}
    tables = missing_tables(site, pages)
    done.files |= {path: text.encode() for path, text in tables.items()}
    policy = Policy() if private else None
    finished = [page.finished(policy, has_twin=markdown and page.head is not None) for page in pages]
    for page, text in zip(pages, finished, strict=True):
        embeds = _embeds(page)
        done.embeds += len(embeds)
        embeds = {path: without_scripts(text) for path, text in embeds.items()} if private else embeds
        done.files |= {site / path: text.encode() for path, text in embeds.items()}
        done.files[page.path] = (policy.written(text) if policy else text).encode(errors="surrogateescape")
    if markdown:
        done.files |= {site / path: text.encode() for path, text in built_twins(site, pages, tables).items()}
    done.tables = len(tables)
    done.written = sum(_write(path, content) for path, content in done.files.items())
    return done


def _pages(site: Path) -> list[BuiltPage]:
    """The pages that the engine rendered; HTML files that an author put beside them are none, nor are those that we made.

    Raises:
        PublishError: The folder is no site, or one that the plugin of MkDocs has completed.
    """
    cure = "build the site first, and name its folder: zensical build --clean && lensdoc assets site"
    if not (site / "index.html").is_file():
        raise PublishError(f"{site} is no built site, it has no index.html; {cure}")
    read = [BuiltPage.read(site, path) for path in sorted(site.rglob("*.html"))]
    pages = [page for page in read if page.is_rendered]
    if not any(page.path == site / "index.html" for page in pages):
        raise PublishError(f"{site} is no site of Zensical, its index.html has neither its theme nor anything of ours; {cure}")
    if done := next((page for page in pages if f"{assets.PLACE}/lensdoc." in page.html), None):
        raise PublishError(f"{done.path} has our script already, from the MkDocs plugin: a site of MkDocs needs nothing more")
    return pages


def _refuse_foreign(site: Path, pages: list[BuiltPage]) -> None:
    """Raise for what readers would load from elsewhere, since the policy would keep it from them."""
    own = next(page.canonical for page in pages if page.path == site / "index.html").removesuffix("index.html")
    where = [(page.path, address) for page in pages for address in foreign_in_page(page.html, own)]
    for path in sorted(site.rglob("*.css")):
        where += [(path, address) for address in foreign_in_style(path.read_text(encoding="utf-8", errors="replace"), own)]
    if where:
        cure = "set `font: false` under theme, keep copies below the folder of pages, or say --no-private"
        told = [f"{path}: readers would load {address} from another host; {cure}" for path, address in where]
        raise PublishError("\n".join(["nothing was written", *told]))


def _source(page: BuiltPage, html: str) -> Source:
    """A page, or a part of it, as what shows its figures alone needs it."""
    headings = page.tree.xpath("//h1") or page.tree.xpath("//title")
    title = " ".join(headings[0].text_content().replace("¶", "").split()) if headings else ""
    return Source(html, page.url, title, page.tree.get("lang") or "en")


def _without_choices(page: BuiltPage) -> tuple[BuiltPage, dict[str, str]]:
    """The page without what readers must choose to see, and the files that have it."""
    if not has_parts(page.html):
        return page, {}
    html, files = lift(_source(page, page.html), assets.PLACE)
    return replace(page, html=html), files


def _embeds(page: BuiltPage) -> dict[str, str]:
    """Pages of single figures, for those whose footer offers one."""
    source = _source(page, page.content)
    found = {}
    for figure in page.tree.xpath("//figure[@id]"):
        path = path_of_page(page.url, figure.get("id"))
        offered = any(f"/{path}" in unescape(code.text_content()) for code in figure.iter("code"))
        if offered and (made := embed_page(source, figure.get("id"), path, assets.PLACE)):
            found[path] = made
    return found


def _plots(page: BuiltPage) -> dict[str, str]:
    """The scripts that draw the specifications on a page."""
    asked = page.tree.xpath(f"//lens-plot/@{PLOT}") if f" {PLOT}=" in page.html else ()
    return dict(map(library, asked))


def _write(path: Path, content: bytes) -> bool:
    """Write a file unless it holds that already."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return True
