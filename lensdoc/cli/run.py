"""`lensdoc run`: execute what is stale."""

from __future__ import annotations

import click


@click.command()
@click.argument("runs", nargs=-1)
@click.option("--force", is_flag=True, help="Execute fresh runs too.")
def run(runs: tuple[str, ...], *, force: bool) -> None:
    """Execute the stale runs of analyses/runs.yml: those named (eu names all of eu/...), or all."""
    from lensdoc.pipeline.project import find_project
    from lensdoc.pipeline.run import can_execute, execute_stale
    from lensdoc.records.errors import RunError

    if not can_execute():
        raise RunError("what executes notebooks is not installed: pip install 'lensdoc[run]'")
    count = execute_stale(find_project(), click.echo, runs, force=force)
    if not count:
        click.echo("nothing to execute: every run is fresh")
