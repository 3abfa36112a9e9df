"""File locks: one process at a time executes a run, and one at a time writes `runs.lock`.

The operating system gives a lock back when its holder dies, so no lock outlives a process and no clock is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lensdoc.pipeline.project import Project


def file_name(run: str) -> str:
    """A run's name as the name of one file."""
    return run.replace("/", "--")


@contextmanager
def run_lock(project: Project, run: str, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock of a run; `waiting` is called once when another process holds it."""
    with _held(project, f"{file_name(run)}.run", waiting):
        yield


@contextmanager
def lock_file_lock(project: Project) -> Iterator[None]:
    """Hold the right to rewrite `runs.lock`."""
    with _held(project, "runs.lock", lambda: None):
        yield


@contextmanager
def _held(project: Project, name: str, waiting: Callable[[], None]) -> Iterator[None]:
    from filelock import FileLock, Timeout

    folder = project.private / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / name)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        waiting()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
