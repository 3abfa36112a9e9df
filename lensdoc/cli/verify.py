"""`lensdoc verify`: whether the committed records are what the runs make."""

from __future__ import annotations

import sys

import click


@click.command()
@click.argument("runs", nargs=-1)
def verify(runs: tuple[str, ...]) -> None:
    """Execute runs again in a scratch folder and compare what they make with what is committed.

    It must be the same to the byte where machine class and versions of libraries are those of the lock; elsewhere numbers may
    differ by two parts in a thousand of themselves and a fifth of a thousandth of the largest beside them, ranks by 1 or a
    hundredth. One line for each run; the exit code is 1 when any is not verified. Records are never changed.
    """
    from lensdoc.core.errors import RunError
    from lensdoc.pipeline.project import find_project
    from lensdoc.pipeline.run import can_execute
    from lensdoc.pipeline.verify import verify as verify_runs

    if not can_execute():
        raise RunError("what executes notebooks is not installed: pip install 'lensdoc[run]'")
    verdicts = verify_runs(find_project(), runs, click.echo)
    sys.exit(int(not all(verdict.is_verified for verdict in verdicts)))
