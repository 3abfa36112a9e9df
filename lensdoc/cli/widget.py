"""`lensdoc widget`: the figure of a record as a file that other programs show."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("record", metavar="RUN/NAME")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def widget(record: str, file: Path) -> None:
    """Write FILE, a module of JavaScript (.mjs) with the figure of the record RUN/NAME in it, an anywidget.

    MyST and Jupyter Book show it with the directive {anywidget}; nothing else is needed beside it.
    """
    from lensdoc.core.errors import PublishError
    from lensdoc.explorables.widget import module
    from lensdoc.pipeline.project import find_project
    from lensdoc.pipeline.site import read_site
    from lensdoc.publish.state.build import Build
    from lensdoc.records.own_files import holding

    if file.suffix not in {".js", ".mjs"}:
        raise PublishError(f"{file} is to be a module of JavaScript: name a file that ends in .mjs")
    root = find_project().root
    site = read_site(root / "mkdocs.yml")
    build = Build(root / site.data, docs=root / site.docs, root=root)
    made = module(holding(build.record(record), build.data / f"{record}.json"))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(made, encoding="utf-8")
    click.echo(f"{file}: the figure of {record}; in a page of MyST: {{anywidget}} ./{file.name}")
