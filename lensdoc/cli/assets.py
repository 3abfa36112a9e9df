"""`lensdoc assets`: complete a site that an engine without plugins built."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("site", type=click.Path(path_type=Path))
@click.option(
    "--private/--no-private",
    default=True,
    show_default=True,
    help="Pages load from the site alone: a strict policy in each, and an error for each address of another host.",
)
@click.option(
    "--markdown/--no-markdown",
    default=True,
    show_default=True,
    help="A twin in Markdown beside each page, and llms.txt, which lists them.",
)
def assets(site: Path, *, private: bool, markdown: bool) -> None:
    """Put scripts, styles and data into SITE, the folder that an engine without plugins (Zensical) built.

    A site of MkDocs with the plugin `lensdoc` has them already.
    """
    from lensdoc.publish.engines.zensical.built import complete

    done = complete(site, private=private, markdown=markdown)
    click.echo(f"{site}: {done.pages} pages, {done.tables} tables, {done.embeds} single figures; {done.written} files written")
