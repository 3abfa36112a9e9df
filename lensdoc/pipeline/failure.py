"""A run's failure as data: it travels from the kernel's process by way of the worker to whoever asked for the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from textwrap import indent
from traceback import format_exception
from typing import Any, Literal

from lensdoc.core.errors import LensdocError, RunError

Kind = Literal["cell", "exit", "timeout", "kernel", "record", "files", "process", "setup", "unforeseen"]
"""What failed:

    cell        a cell raised an error
    exit        a cell called `sys.exit`
    timeout     a cell took too long
    kernel      the kernel did not start, died, or no longer answers
    record      a declared record is missing or not valid
    files       something could not be read or written
    process     the process or the cluster's worker that did the run was lost
    setup       runs.yml, a model or the cluster does not let the run be executed
    unforeseen  a mistake of lensdoc
"""


@dataclass(frozen=True)
class Failure:
    """Why a run failed, and where."""

    run: str
    kind: Kind
    message: str
    """All that an author is told."""
    notebook: str | None = None
    cell: int | None = None
    """Number of the cell among all cells of the author's notebook, from 1."""
    line: int | None = None
    """Line of that cell, from 1; None where the kernel could not tell it."""

    def __str__(self) -> str:
        """The message."""
        return self.message

    def data(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


class RunFailed(RunError):  # noqa: N818 - as its data is named
    """A run that failed; `failure` says where and why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


class RunsFailed(RunError):  # noqa: N818 - likewise
    """Runs of which at least one failed; `failures` has them all."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__("\n".join(map(str, failures)))
        self.failures = tuple(failures)


def failure_of_files(run: str, error: OSError) -> Failure:
    """Something that could not be read or written: the system's words for it, and where."""
    place = f": {error.filename}" if error.filename else ""
    after = "; ".join(getattr(error, "__notes__", ["former results are untouched"]))
    return Failure(run, "files", f"run {run!r} failed: {error.strerror or error}{place}; {after}")


def failure_of(run: str, error: BaseException) -> Failure:
    """The failure that an error is: its own data, an author's mistake, the machine's, or one of ours."""
    if isinstance(error, RunFailed):
        return error.failure
    if isinstance(error, LensdocError):
        return Failure(run, "setup", str(error))
    if isinstance(error, OSError):  # no folder for temporary files, no process more
        return failure_of_files(run, error)
    trace = indent("".join(format_exception(error)).rstrip(), "    ")
    return Failure(run, "unforeseen", f"run {run!r} failed where lensdoc did not expect it; please report this:\n{trace}")
