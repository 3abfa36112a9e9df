"""`lensdoc deposit`: the article as one archive for Zenodo and its like."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import click


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False), default="deposit.zip")
@click.option(
    "--site", type=click.Path(path_type=Path), help="A built site (of Zensical, say) in place of a new build by MkDocs."
)
@click.option("--license", "licence", metavar="SPDX", help="The licence, where the first page names none: CC-BY-4.0.")
@click.option("--pdf/--no-pdf", default=True, show_default=True, help="Print each article, where there is a Chrome or Chromium.")
def deposit(archive: Path, *, site: Path | None, licence: str | None, pdf: bool) -> None:
    """Write ARCHIVE, a zip with all of the article: site, data, crate, CITATION.cff, a PDF of each article, a manifest.

    The site is built strictly for it; nothing is written when a run is stale or the build fails. But for the PDFs, the same
    article gives the same bytes.
    """
    from lensdoc.core.errors import PublishError
    from lensdoc.pipeline.project import find_project

    if not find_spec("rocrate"):
        raise PublishError("what writes deposits is not installed: pip install 'lensdoc[crate]'")
    from lensdoc.publish.deposits.deposit import deposit as write_deposit

    done = write_deposit(find_project(), archive, site=site, licence=licence, pdf=pdf)
    click.echo(f"{archive}: {done.files} files, {done.size / 1e6:.1f} MB; PDFs: {', '.join(done.pdfs) or 'none'}")
    if pdf and not done.has_browser:
        click.echo("no PDF was printed: there is no Chrome or Chromium; install one, or name it in LENSDOC_CHROMIUM")
    if not done.has_day:
        click.echo("the first page names no day, so the archive has today's; add `date: 2026-01-31` to have the same one again")
