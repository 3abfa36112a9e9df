"""What an author is told of a run that failed: notebook, cell, line and error, on one screen."""

from __future__ import annotations

import re
from itertools import takewhile
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from lensdoc.core.files import write_atomic
from lensdoc.pipeline.failure import Failure, Kind, RunFailed
from lensdoc.pipeline.runs import Run
from lensdoc.pipeline.scratch import Scratch

_LINES_SHOWN = 4
"""Lines of a failed cell, up to the one that failed."""
_LOG_LINES = 4
"""Last lines of what a dead kernel's program said."""
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class CellFailed(Exception):  # noqa: N818 - a signal between the engine and what explains it
    """The cell of this index did not end well; the cause says how.

    Attributes:
        index: From 0, among all cells that were executed.
        line: Line of the code that IPython ran, from 1; None where the kernel could not tell it.
    """

    def __init__(self, index: int, line: int | None = None) -> None:
        super().__init__(index, line)
        self.index = index
        self.line = line


class NotRaised(Exception):  # noqa: N818 - as above
    """What went wrong though no cell raised it; the message says what."""


class Unanswered(Exception):  # noqa: N818 - as above
    """The last cell has run, but the kernel no longer answers: it died, or was ended by `quit()`."""


def explained(run: Run, scratch: Scratch, error: Exception, kept: Path) -> RunFailed:
    """The failure for the author; the notebook with its outputs is kept for reading at the path `kept`.

    Args:
        run: The run that failed.
        scratch: Where it was executed.
        error: What `run_notebook` raised.
        kept: Path for the notebook.
    """
    notebook = nbformat.read(scratch.executed, as_version=4) if scratch.executed.is_file() else None
    name = run.notebook.name
    if notebook is None or not isinstance(error, CellFailed):
        kind, reason = _reason(run, scratch, error)
        return RunFailed(Failure(run.name, kind, _message(run, f": {reason}", scratch, kept), name))
    cell, number = notebook.cells[error.index], _number(notebook, error.index)
    line = None if error.line is None else error.line + _blank_lines(cell.source)
    kind, reason = _reason(run, scratch, error.__cause__ or error)
    place = f", cell {number}{f', line {line}' if line else ''}"
    message = _message(run, f"{place}:\n{_excerpt(cell.source, line)}\n  {reason}", scratch, kept)
    return RunFailed(Failure(run.name, kind, message, name, number, line))


def incomplete(run: Run, scratch: Scratch, reason: str, kept: Path) -> RunFailed:
    """The failure of a run whose last cell has run, but not with the records that it declares; the notebook is kept too."""
    return RunFailed(Failure(run.name, "record", _message(run, f" {reason}", scratch, kept), run.notebook.name))


def _message(run: Run, what: str, scratch: Scratch, kept: Path) -> str:
    return f"run {run.name!r} failed: {run.notebook.name}{what}\n  {_after(scratch, kept)}"


def _after(scratch: Scratch, kept: Path) -> str:
    """What is there to be read, and what was not done."""
    former = "former results are untouched"
    try:
        write_atomic(kept, scratch.executed.read_bytes())
    except FileNotFoundError:  # it never began
        return former
    except OSError as error:  # what went wrong before matters more
        return f"the notebook with its outputs could not be kept: {error.strerror}; {former}"
    return f"the notebook with its outputs: {kept}; {former}"


def _reason(run: Run, scratch: Scratch, error: BaseException) -> tuple[Kind, str]:
    if isinstance(error, NotRaised):
        return "cell", _ANSI.sub("", str(error))
    if isinstance(error, CellExecutionError) and error.ename == "SystemExit":
        return "exit", f"sys.exit({error.evalue}) ended the notebook here; a run is done when its last cell is"
    if isinstance(error, CellExecutionError):
        return "cell", f"{error.ename}: {_ANSI.sub('', error.evalue)}".removesuffix(": ")
    if isinstance(error, CellTimeoutError):
        late = f"the cell took longer than the {run.timeout:g} s that `timeout` in runs.yml allows"
        return "timeout", "what the cell printed did not arrive" if "IOPub" in str(error) else late
    ended = f"{type(error).__name__}: {error}"
    if isinstance(error, Unanswered):
        ended = "the kernel ended with its last cell; by quit() or exit()?"
    elif isinstance(error, DeadKernelError):
        ended = "the kernel died (killed, or out of memory?)"
    return "kernel", ended + _last_words(scratch)


def _last_words(scratch: Scratch) -> str:
    log = scratch.kernel_log.read_text(errors="replace").strip() if scratch.kernel_log.is_file() else ""
    return "".join(f"\n    {line}" for line in log.splitlines()[-_LOG_LINES:])


def _blank_lines(source: str) -> int:
    """Blank lines at the beginning of a cell, which IPython leaves out of the code that it runs."""
    return len([*takewhile(lambda line: not line.strip(), source.split("\n"))])


def _number(notebook: nbformat.NotebookNode, index: int) -> int:
    """Number of a cell in the author's notebook, which lacks the cell of parameters that Papermill puts in."""
    return sum("injected-parameters" not in cell.metadata.get("tags", []) for cell in notebook.cells[: index + 1])


def _excerpt(source: str, failed: int | None) -> str:
    lines = source.split("\n")
    last = failed or min(len(lines), _LINES_SHOWN)
    first = max(last - _LINES_SHOWN, 0)
    return "\n".join(f"  {'->' if i == failed else '  '} {line}" for i, line in enumerate(lines[first:last], first + 1))
