"""`lensdoc crate`: the article with what it was made from, as a folder that others read."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default="crate")
@click.option("--site/--no-site", default=True, show_default=True, help="Pack the built site too; it must be there.")
@click.option("--license", "licence", metavar="SPDX", help="The licence, where the first page names none: CC-BY-4.0.")
def crate(folder: Path, *, site: bool, licence: str | None) -> None:
    """Write FOLDER, an RO-Crate 1.2 of notebooks, inputs, data, runs.lock and the built site.

    Its metadata say in the profile Process Run Crate which notebook made which data, from which inputs, parameters and models and
    with which versions. In the folder `lensdoc verify` makes the data again.
    """
    from lensdoc.core.errors import PublishError
    from lensdoc.pipeline.project import find_project
    from lensdoc.pipeline.site import read_site

    if not find_spec("rocrate"):
        raise PublishError("what writes crates is not installed: pip install 'lensdoc[crate]'")
    from lensdoc.publish.crates.crate import write_crate

    project = find_project()
    built = project.root / str(read_site(project.root / "mkdocs.yml").settings.get("site_dir") or "site")
    done = write_crate(project, folder, site=built if site else None, licence=licence)
    with_site = " and the site" if done.has_site else ""
    click.echo(
        f"{folder}: {done.runs} runs, {done.files} files{with_site}; to make the data again: cd {folder} && lensdoc verify"
    )
