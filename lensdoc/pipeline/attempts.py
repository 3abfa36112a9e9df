"""How often a session has begun a run and lost the machine on which it ran.

A scheduler gives a lost worker's job to another; a job that kills every worker it meets would kill them all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from lensdoc.core.files import write_atomic
from lensdoc.pipeline.failure import Failure, RunFailed
from lensdoc.pipeline.locks import file_name
from lensdoc.pipeline.project import Project

MOST_LOST = 2
"""Workers that one session may lose by one run."""


@contextmanager
def attempt(run: str, session: str, project: Project) -> Iterator[None]:
    """Note that a run begins, and take the note away when it ends, well or badly: it stays when its process is killed.

    Args:
        run: Name of the run; the caller holds its lock.
        session: Whose attempts are counted; none are without one.
        project: The project, in the folder that the machines share.

    Raises:
        RunFailed: The session has lost the run as often as it may.
    """
    if not session:
        yield
        return
    path = project.private / "attempts" / f"{file_name(run)}.json"
    noted = json.loads(path.read_text()) if path.is_file() else {}
    lost = noted.get("lost", 0) if noted.get("session") == session else 0
    if lost >= MOST_LOST:
        what = f"run {run!r} failed: {MOST_LOST} workers were lost while they executed it; former results are untouched"
        raise RunFailed(Failure(run, "process", what))
    write_atomic(path, json.dumps({"session": session, "lost": lost + 1}).encode())
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
