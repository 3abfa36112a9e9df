"""`lensdoc import`: a file of another tool becomes a record."""

from __future__ import annotations

import re
from pathlib import Path

import click


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--as", "name", required=True, metavar="RUN/NAME", help="What the record is called.")
@click.option("--model", default="unknown", show_default=True, help="What to call the model; the file does not say.")
def import_(file: Path, name: str, model: str) -> None:
    """Turn a JSON file of ecco (tokens with attributions or with factors) into docs/data/RUN/NAME.json."""
    from lensdoc.pipeline.project import find_project
    from lensdoc.pipeline.runs import read_runs
    from lensdoc.records.ecco import read_ecco
    from lensdoc.records.writing import write_record

    if not re.fullmatch(r"([A-Za-z0-9_-][A-Za-z0-9._-]*/)+[A-Za-z0-9_-]+", name):
        raise click.UsageError(f"--as takes RUN/NAME, in letters, digits, '.', '_' and '-'; it is {name!r}")
    project = find_project()
    run = name.rpartition("/")[0]
    if project.has_runs and run in {each.name for each in read_runs(project)}:
        raise click.UsageError(f"{run!r} is a run of analyses/runs.yml, which makes its own records; import as another one")
    path = project.data / f"{name}.json"
    record = read_ecco(file, model)
    write_record(record, path)
    click.echo(f"{file}: {len(record.tokens)} tokens, kind {record.KIND}, written to {path.relative_to(project.root)}")
