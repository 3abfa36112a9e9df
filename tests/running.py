"""Executing runs from tests: one warm process for the whole session."""

from __future__ import annotations

import atexit

from lensdoc.pipeline.key import key_of, observe
from lensdoc.pipeline.lock import read_lock, write_entry
from lensdoc.pipeline.run import Lines, execute_runs, raise_failures
from lensdoc.pipeline.runs import read_runs
from lensdoc.pipeline.status import FRESH, status
from lensdoc.pipeline.workers import Workers

WORKERS = Workers()
atexit.register(WORKERS.close)


def execute_stale(project, say=print, names=(), *, force=False):
    """How many runs were executed; raises when one failed."""
    stale = [found.run for found in status(project, names) if force or found.word != FRESH]
    if not stale:
        return 0
    outcome = execute_runs(stale, project, Lines(say), force=force, workers=WORKERS)
    raise_failures(outcome)
    return len(outcome.executed)


def call_fresh(project):
    """Have the lock say that all runs are fresh, where lensdoc's code changed after the article was last executed."""
    for run in read_runs(project):
        entry = read_lock(project.lock_file)[run.name]
        now = observe(run, project.analyses, entry.components).components
        seen = {"not_watched": entry.not_watched or ()}
        fresh = entry.model_copy(update={"components": now, "key": key_of(now)} | seen)
        write_entry(project.lock_file, run.name, fresh)
