"""`lensdoc run`: execute what is stale."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec

import click


@click.command()
@click.argument("runs", nargs=-1)
@click.option("-j", "processes", type=click.IntRange(min=1), metavar="N", help="Execute N runs at a time (default 1).")
@click.option("--force", is_flag=True, help="Execute fresh runs too.")
@click.option("--cluster", metavar="ADDRESS", help="Send the runs to the Dask scheduler at this address (tcp:// or tls://).")
def run(runs: tuple[str, ...], *, processes: int | None, force: bool, cluster: str | None) -> None:
    """Execute the stale runs of analyses/runs.yml: those named (eu names all of eu/...), or all."""
    from lensdoc.core.errors import RunError
    from lensdoc.pipeline.project import find_project
    from lensdoc.pipeline.run import absences, can_execute, execute_runs, raise_failures
    from lensdoc.pipeline.status import FRESH, status

    if cluster is not None and not cluster.strip():
        raise click.UsageError("--cluster needs the address of a Dask scheduler, such as tcp://127.0.0.1:8786; it is empty")
    if cluster and processes:
        raise click.UsageError("-j is for this machine; on a cluster the number of workers decides")
    project = find_project()
    found = status(project, runs)
    for line in absences(found):
        click.echo(line)
    stale = [state.run for state in found if force or state.word != FRESH]
    if not stale:
        click.echo("nothing to execute: every run is fresh")
        return
    if cluster and not find_spec("distributed"):
        raise RunError("what speaks to a cluster is not installed: pip install 'lensdoc[cluster]'")
    if not cluster and not can_execute():
        raise RunError("what executes notebooks is not installed: pip install 'lensdoc[run]'")
    from lensdoc.cli.progress import progress

    with progress() as report:
        if cluster:
            from lensdoc.pipeline.cluster import execute_on_cluster

            warn = partial(click.echo, err=True)
            outcome = execute_on_cluster(stale, project, report, cluster, force=force, warn=warn)
        else:
            outcome = execute_runs(stale, project, report, force=force, processes=processes or 1)
    raise_failures(outcome)
