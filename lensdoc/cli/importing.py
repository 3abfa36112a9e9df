"""`lensdoc import`: a file of another tool becomes a record."""

from __future__ import annotations

import re
from pathlib import Path

import click


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--as", "name", required=True, metavar="RUN/NAME", help="What the record is called.")
@click.option("--model", default=None, help="What to call the model; ecco's files do not say, graphs do.")
@click.option("--nodes", default=120, show_default=True, type=click.IntRange(0), help="Of a graph: features and errors to keep.")
@click.option("--links", default=1500, show_default=True, type=click.IntRange(0), help="Of a graph: links to keep.")
def import_(file: Path, name: str, model: str | None, nodes: int, links: int) -> None:
    """Turn a JSON file of another tool into docs/data/RUN/NAME.json.

    Taken are files of ecco (tokens with attributions or with factors), and attribution graphs of Neuronpedia and circuit-tracer
    (schema 1.0.0), of which the most influential nodes and their strongest links are kept.
    """
    from lensdoc.pipeline.project import find_project
    from lensdoc.pipeline.runs import read_runs
    from lensdoc.records.imported import read_imported
    from lensdoc.records.writing import write_record

    if not re.fullmatch(r"([A-Za-z0-9_-][A-Za-z0-9._-]*/)+[A-Za-z0-9_-]+", name):
        raise click.UsageError(f"--as takes RUN/NAME, in letters, digits, '.', '_' and '-'; it is {name!r}")
    project = find_project()
    run = name.rpartition("/")[0]
    if project.has_runs and run in {each.name for each in read_runs(project)}:
        raise click.UsageError(f"{run!r} is a run of analyses/runs.yml, which makes its own records; import as another one")
    path = project.data / f"{name}.json"
    record = read_imported(file, model, nodes=nodes, links=links)
    write_record(record, path)
    click.echo(f"{file}: {len(record.tokens)} tokens, kind {record.KIND}, written to {path.relative_to(project.root)}")
    if record.KIND == "graph":
        facts = record.facts
        left = f"{facts['nodes_left_out']:,} nodes and {facts['links_left_out']:,} links were left out"
        click.echo(f"{facts['nodes']:,} nodes and {facts['links']:,} links; {left} (--nodes, --links)")
