"""What an author is told of a run that failed: notebook, cell, line and error, on one screen."""

from __future__ import annotations

import re
from itertools import takewhile
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from lensdoc.core.errors import RunError
from lensdoc.core.files import write_atomic
from lensdoc.pipeline.runs import Run
from lensdoc.pipeline.scratch import Scratch

_LINES_SHOWN = 4
"""Lines of a failed cell, up to the one that failed."""
_LOG_LINES = 4
"""Last lines of what a dead kernel's program said."""
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class CellFailed(Exception):  # noqa: N818 - a signal between the engine and what explains it
    """The cell of this index did not end well; the cause says how."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class Unanswered(Exception):  # noqa: N818 - as above
    """The last cell has run, but the kernel no longer answers: it died, or was ended by `quit()`."""


def explained(run: Run, scratch: Scratch, error: Exception, kept: Path) -> RunError:
    """The failure for the author; the notebook with its outputs is kept for reading at the path `kept`."""
    notebook = nbformat.read(scratch.executed, as_version=4) if scratch.executed.is_file() else None
    if notebook is None or not isinstance(error, CellFailed):
        return RunError(
            f"run {run.name!r} failed: {run.notebook.name}: {_reason(run, scratch, error)}\n  {_after(scratch, kept)}"
        )
    cell, cause = notebook.cells[error.index], error.__cause__ or error
    failed = _failed_line(cause, cell.source) if isinstance(cause, CellExecutionError) else None
    place = f"{run.notebook.name}, cell {_number(notebook, error.index)}" + (f", line {failed}" if failed else "")
    return RunError(
        f"run {run.name!r} failed: {place}:\n{_excerpt(cell.source, failed)}\n  {_reason(run, scratch, cause)}\n"
        f"  {_after(scratch, kept)}"
    )


def incomplete(run: Run, scratch: Scratch, reason: str, kept: Path) -> RunError:
    """The failure of a run whose last cell has run; the notebook is kept too."""
    return RunError(f"run {run.name!r} failed: {run.notebook.name} {reason}\n  {_after(scratch, kept)}")


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


def _reason(run: Run, scratch: Scratch, error: BaseException) -> str:
    if isinstance(error, CellExecutionError):
        return _raised(error)
    if isinstance(error, CellTimeoutError):
        return _late(run, error)
    if isinstance(error, Unanswered):
        return f"the kernel ended with its last cell; by quit() or exit()?{_last_words(scratch)}"
    if isinstance(error, DeadKernelError):
        return f"the kernel died (killed, or out of memory?){_last_words(scratch)}"
    return f"{type(error).__name__}: {error}{_last_words(scratch)}"


def _raised(error: CellExecutionError) -> str:
    if error.ename == "SystemExit":
        return f"sys.exit({error.evalue}) ended the notebook here; a run is done when its last cell is"
    return f"{error.ename}: {_ANSI.sub('', error.evalue)}".removesuffix(": ")


def _late(run: Run, error: CellTimeoutError) -> str:
    if "IOPub" in str(error):
        return "what the cell printed did not arrive"
    return f"the cell took longer than the {run.timeout:g} s that `timeout` in runs.yml allows"


def _last_words(scratch: Scratch) -> str:
    log = scratch.kernel_log.read_text(errors="replace").strip() if scratch.kernel_log.is_file() else ""
    return "".join(f"\n    {line}" for line in log.splitlines()[-_LOG_LINES:])


def _failed_line(error: CellExecutionError, source: str) -> int | None:
    """Line of the cell at which IPython's traceback points; IPython counts from the first that is not blank."""
    found = re.search(r"^Cell In\[\d+\].*?^-+> (\d+)", _ANSI.sub("", error.traceback), re.DOTALL | re.MULTILINE)
    blank = len(list(takewhile(lambda line: not line.strip(), source.split("\n"))))
    return int(found[1]) + blank if found else None


def _number(notebook: nbformat.NotebookNode, index: int) -> int:
    """Number of a cell in the author's notebook, which lacks the cell of parameters that Papermill puts in."""
    return sum("injected-parameters" not in cell.metadata.get("tags", []) for cell in notebook.cells[: index + 1])


def _excerpt(source: str, failed: int | None) -> str:
    lines = source.split("\n")
    last = failed or min(len(lines), _LINES_SHOWN)
    first = max(last - _LINES_SHOWN, 0)
    return "\n".join(f"  {'->' if i == failed else '  '} {line}" for i, line in enumerate(lines[first:last], first + 1))
