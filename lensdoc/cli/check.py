"""`lensdoc check`: validate data files."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...]) -> None:
    """Validate data files: those given, those in given folders, or all of docs/data."""
    from lensdoc.core.errors import DataError
    from lensdoc.pipeline.project import find_project
    from lensdoc.records.own_files import check_files
    from lensdoc.records.reading import read_record

    folders = paths or tuple(filter(Path.is_dir, [find_project().data]))  # a new project may have none
    files = [file for path in folders for file in (sorted(path.rglob("*.json")) if path.is_dir() else [path])]
    wrong = 0
    for file in files:
        try:
            check_files(read_record(file), file)
        except DataError as error:
            wrong += 1
            click.echo(str(error), err=True)
    click.echo(f"{len(files) - wrong} of {len(files)} data files are valid")
    sys.exit(int(wrong > 0))
