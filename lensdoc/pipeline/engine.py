"""Papermill, with an engine that hands the kernel its environment and asks it what it imported."""

from __future__ import annotations

import ast
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import DeadKernelError
from papermill import execute_notebook
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError

from lensdoc.pipeline.runs import Run
from lensdoc.records.errors import RunError
from lensdoc.records.saving import OUT, RUN

_ENGINE = "lensdoc"
_LINES_SHOWN = 4
"""Lines of a failed cell, up to the one that failed."""
_QUESTIONS = {
    "modules": "' '.join(m for m in __import__('sys').modules if '.' not in m or m.startswith('lensdoc.'))",
    "device": "(lambda t: t.cuda.get_device_name() if t and t.cuda.is_initialized() else 'cpu')"
    "(__import__('sys').modules.get('torch'))",
}
"""Asked after the last cell; each answer is a string, since IPython shortens the repr of long collections."""


@dataclass(frozen=True)
class Result:
    """What an execution told of itself."""

    modules: tuple[str, ...]
    """Modules of lensdoc, and top-level modules, that the kernel imported."""
    device: str
    """`cpu`, or the name of the accelerator that was used."""


class _LocalKernel(AsyncKernelManager):
    """A kernel reached through sockets in the file system: no port that another could take or listen to."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - jupyter_client's signature
        super().__init__(transport="tcp" if sys.platform == "win32" else "ipc", **options)


class _Client(PapermillNotebookClient):
    """Asks the kernel the questions once the cells have run."""

    answers: dict[str, str]

    def papermill_execute_cells(self) -> None:
        super().papermill_execute_cells()
        reply = self.wait_for_reply(self.kc.execute("", silent=True, user_expressions=_QUESTIONS))
        said = reply["content"].get("user_expressions", {}) if reply else {}
        self.answers = {name: ast.literal_eval(said[name]["data"]["text/plain"]) for name in said if "data" in said[name]}


class _Engine(NBClientEngine):
    """Papermill calls this with the notebook; `environment` and `answers` come through from `execute_notebook`."""

    @classmethod
    def execute_managed_notebook(  # noqa: PLR0913 - papermill's signature
        cls,
        nb_man: Any,  # noqa: ANN401 - papermill ships no types
        kernel_name: str,
        *,
        environment: dict[str, str],
        answers: dict[str, str],
        log: Path,
        start_timeout: int = 60,
        **_: object,
    ) -> None:
        client = _Client(
            nb_man,
            kernel_name=kernel_name,
            kernel_manager_class=_LocalKernel,
            startup_timeout=start_timeout,
            timeout=None,
        )
        with log.open("w") as stderr:  # the kernel program's own, not what cells print
            client.execute(env=environment, stderr=stderr)
        answers.update(client.answers)


papermill_engines.register(_ENGINE, _Engine)


def run_notebook(run: Run, *, folder: Path, out: Path, kept: Path) -> Result:
    """Execute the copy of a run's notebook in a folder; its records go to `out`.

    Raises:
        RunError: A cell failed; the notebook with its outputs is kept for reading in the folder `kept`.
    """
    executed = out.parent / "executed.ipynb"
    answers: dict[str, str] = {}
    try:
        execute_notebook(
            folder / run.notebook.name,
            executed,
            parameters=run.parameters,
            engine_name=_ENGINE,
            kernel_name="python3",
            cwd=folder,
            progress_bar=False,
            environment=os.environ | {RUN: run.name, OUT: str(out)},
            answers=answers,
            log=out.parent / "kernel.log",
        )
    except PapermillExecutionError as error:
        notebook = nbformat.read(executed, as_version=4)
        raise RunError(_failure(run, error, _number(notebook, error.cell_index), _keep(notebook, run, kept))) from None
    except DeadKernelError:
        raise RunError(f"run {run.name!r} failed: the kernel died (out of memory?); former results are untouched") from None
    if not {"modules", "device"} <= answers.keys():
        raise RunError(
            f"run {run.name!r} failed: the kernel no longer answered after the last cell; former results are untouched"
        )
    return Result(tuple(answers["modules"].split()), answers["device"])


def _failed_line(error: PapermillExecutionError) -> int | None:
    """Line of the cell at which IPython's traceback points."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback))
    found = re.search(r"^Cell In\[\d+\].*?^-+> (\d+)", text, re.DOTALL | re.MULTILINE)
    return int(found[1]) if found else None


def _number(notebook: nbformat.NotebookNode, index: int) -> int:
    """Number of a cell in the author's notebook, which lacks the cell of parameters that Papermill puts in."""
    return sum("injected-parameters" not in cell.metadata.get("tags", []) for cell in notebook.cells[: index + 1])


def _keep(notebook: nbformat.NotebookNode, run: Run, kept: Path) -> Path:
    path = kept / f"{run.name.replace('/', '--')}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def _failure(run: Run, error: PapermillExecutionError, number: int, kept: Path) -> str:
    lines = error.source.split("\n")
    failed = _failed_line(error) or len(lines)
    first = max(failed - _LINES_SHOWN, 0)
    source = "\n".join(f"  {'->' if i == failed else '  '} {line}" for i, line in enumerate(lines[first:failed], first + 1))
    return (
        f"run {run.name!r} failed: {run.notebook.name}, cell {number}, line {failed}:\n{source}\n"
        f"  {error.ename}: {error.evalue}\n  the notebook with its outputs: {kept}; former results are untouched"
    )
