"""`lensdoc status`: what is fresh, stale or missing."""

from __future__ import annotations

import sys

import click


@click.command()
@click.argument("runs", nargs=-1)
@click.option(
    "--why", is_flag=True, help="Say what changed, from what to what, what could not be checked here, what is not watched."
)
def status(runs: tuple[str, ...], *, why: bool) -> None:
    """Print one line for each run: fresh, stale or missing. The exit code is 1 when any is not fresh."""
    from lensdoc.pipeline.project import find_project
    from lensdoc.pipeline.status import FRESH, leftovers
    from lensdoc.pipeline.status import status as find_status

    project = find_project()
    found = find_status(project, runs)
    width = max((len(state.name) for state in found), default=0)
    for state in found:
        built = f", built without {state.without[0]}" if state.without else ""
        more = f" and {len(state.without) - 1} more; lensdoc run --force {state.name} makes them" if state.without else ""
        click.echo(f"{state.name:{width}}  {state.word}{built}{more}")
        if why:
            for reason in state.reasons:
                click.echo(f"{'':{width}}  {reason}")
            if state.unchecked:
                click.echo(f"{'':{width}}  cannot be checked here, counts as unchanged: {', '.join(state.unchecked)}")
            if state.not_watched:
                click.echo(f"{'':{width}}  not watched: {'; '.join(state.not_watched)}")
    if why and not runs:
        for line in leftovers(project):
            click.echo(line)
    sys.exit(int(any(state.word != FRESH for state in found)))
