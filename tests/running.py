"""Executing runs from tests: one warm process for the whole session."""

from __future__ import annotations

import atexit

from lensdoc.pipeline.run import Lines, execute_runs, raise_failures, stale_runs
from lensdoc.pipeline.workers import Workers

WORKERS = Workers()
atexit.register(WORKERS.close)


def execute_stale(project, say=print, names=(), *, force=False):
    """How many runs were executed; raises when one failed."""
    stale = stale_runs(project, names, force=force)
    if not stale:
        return 0
    outcome = execute_runs(stale, project, Lines(say), force=force, workers=WORKERS)
    raise_failures(outcome)
    return len(outcome.executed)
