"""Papermill, with an engine that tells the truth: a notebook has run when its last cell has, and all else is a failure.

Papermill's own engine calls every cell completed when the kernel dies, a cell takes too long or the run is interrupted, and takes
`sys.exit(0)` for success.
"""

from __future__ import annotations

import ast
import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbclient.util import run_sync
from nbformat import NotebookNode, read
from papermill import execute_notebook
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines

from lensdoc.core.errors import RunError
from lensdoc.core.messages import sentence
from lensdoc.pipeline import threads
from lensdoc.pipeline.failures import CellFailed, NotRaised, Unanswered
from lensdoc.pipeline.kernels import ForkedKernel, manager
from lensdoc.pipeline.runs import Run
from lensdoc.pipeline.scratch import Scratch
from lensdoc.records.saving import OUT, RUN

Tell = Callable[[int, int], None]
"""Receives the number of cells that have run, and the number of cells."""

PRINTED = 1_000_000
"""Characters kept of what a cell prints: the rest would fill memory, the repository and the page."""
_ENGINE = "lensdoc"
_LATE = 60
"""Seconds that outputs may take to arrive after a cell has run; the machine may be busy."""
_QUESTIONS = ("modules", "device")
"""Asked after the last cell."""
_NO_ERRORS = {("SystemExit", ""), ("SystemExit", "0")}
"""Shown when a script of `%run` ends itself."""
_QUERIES, _OBSERVER, _SILENT = (f"lensdoc.pipeline.{name}" for name in ("kernel_queries", "observer", "silent_failures"))
"""Modules whose functions a kernel calls to answer."""
_PATIENCE = 5.0
"""Seconds that a kernel may take to tell in which line a cell failed; without an answer the message names the cell alone."""
_AGAIN = 0.05
"""Seconds until it is asked again: a kernel refuses what arrives at once after an error."""


@dataclass(frozen=True)
class Result:
    """What an execution told of itself."""

    modules: tuple[str, ...]
    """Modules of lensdoc that the kernel imported."""
    device: str
    """Class of the machine: results are the same bytes on machines of one class."""
    notebook: NotebookNode
    """The notebook with its outputs, as it was executed: not what a process that it left behind may have made of its file."""
    seen: dict[str, Any]
    """What `lensdoc.pipeline.observer` noted."""


class _Client(PapermillNotebookClient):
    """Stops at the first cell that does not end well, and asks the kernel the questions once the last has."""

    answers: dict[str, str]
    tell: Tell
    printed: Counter[tuple[int, str]]
    """Number of characters by cell and stream."""
    shown: dict[int, dict[str, Any]]
    """Errors that cells showed, in an output or in a widget; those that are no error of the cell too."""

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        if msg["msg_type"] == "error":
            self.shown[cell_index] = msg["content"]
        if msg["msg_type"] == "stream":
            content = msg["content"]
            room = PRINTED - self.printed[cell_index, content["name"]]
            self.printed[cell_index, content["name"]] += len(content["text"])
            if room < 0:
                return None
            if len(content["text"]) > room:
                content["text"] = f"{content['text'][:room]}\n[only the first {PRINTED:,} characters are kept]\n"
        output: NotebookNode | None = super().process_message(msg, cell, cell_index)
        return output

    def papermill_execute_cells(self) -> None:
        if not _answers(self.wait_for_reply(self.ask("watch", of=_SILENT))):
            raise RuntimeError("commands and threads of the kernel cannot be watched: this version of ipykernel is not known")
        self.wait_for_reply(self.ask("begin", of=_OBSERVER))
        for index, cell in enumerate(self.nb.cells):
            self.nb_man.cell_start(cell, index)
            try:
                self.execute_cell(cell, index)
                self.check_shown(index)
            except BaseException as error:
                self.nb_man.cell_exception(self.nb.cells[index], cell_index=index, exception=error)
                raise CellFailed(index, self.failed_line() if isinstance(error, CellExecutionError) else None) from error
            self.nb_man.cell_complete(self.nb.cells[index], cell_index=index)
            self.tell(index + 1, len(self.nb.cells))
        self.check_silent(_answers(self.wait_for_reply(self.ask("silent_failures", of=_SILENT))).get("silent_failures"))
        self.answers.update(_answers(self.wait_for_reply(self.ask(*_QUESTIONS))))
        self.answers.update(_answers(self.wait_for_reply(self.ask("seen", of=_OBSERVER))))

    def check_shown(self, index: int) -> None:
        """See that a cell that ended well showed no error: `%%capture`, `%run` and widgets go on after one."""
        error = self.shown.get(index)
        if error and (error["ename"], error["evalue"]) not in _NO_ERRORS:
            raise NotRaised(f"{error['ename']}: {error['evalue']}\n  and the cell went on; let it raise the error, or catch it")

    def check_silent(self, answer: str | None) -> None:
        """See that nothing went wrong without an error of its cell."""
        if answer is None:
            raise Unanswered
        executed = [i for i, cell in enumerate(self.nb.cells) if cell.cell_type == "code" and cell.source.strip()]
        for number, said in json.loads(answer):
            index, error = executed[min(number, len(executed)) - 1], NotRaised(said)
            self.nb_man.cell_exception(self.nb.cells[index], cell_index=index, exception=error)
            raise CellFailed(index) from error

    def ask(self, *questions: str, of: str = _QUERIES) -> str:
        """Send questions: functions of a module, each of which answers with a text. Returns the id of the message."""
        queries = {name: f"__import__({of!r}, fromlist=['']).{name}()" for name in questions}
        sent: str = self.kc.execute("", silent=True, stop_on_error=False, user_expressions=queries)
        return sent

    async def async_failed_line(self) -> int | None:
        """Line at which the cell failed that ran last; None where the kernel does not say."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            sent, reply = self.ask("failed_line"), None
            with suppress(Empty):
                while not reply or reply["parent_header"].get("msg_id") != sent:
                    reply = await self.kc.shell_channel.get_msg(timeout=max(end - time.monotonic(), 0))
                if reply["content"]["status"] == "ok":
                    said = _answers(reply).get("failed_line", "")
                    return int(said) if said.isdecimal() else None
                await asyncio.sleep(_AGAIN)
        return None

    failed_line = run_sync(async_failed_line)


def _answers(reply: dict[str, Any] | None) -> dict[str, str]:
    """What a kernel answered; without questions at which it failed. IPython gives the repr of each text."""
    said = reply["content"].get("user_expressions", {}) if reply else {}
    return {name: ast.literal_eval(answer["data"]["text/plain"]) for name, answer in said.items() if "data" in answer}


class _Engine(NBClientEngine):
    """Papermill calls this with the notebook; what it does not know comes through from `execute_notebook`."""

    @classmethod
    def execute_managed_notebook(  # noqa: PLR0913 - papermill's signature
        cls,
        nb_man: Any,  # noqa: ANN401 - papermill ships no types
        kernel_name: str,
        *,
        forked: ForkedKernel | None,
        run: Run,
        scratch: Scratch,
        answers: dict[str, str],
        tell: Tell,
        **_: object,
    ) -> None:
        client = _Client(
            nb_man,
            kernel_name=kernel_name,
            kernel_manager_class=manager(forked),
            shutdown_kernel="immediate",
            # Tags are not in the key, so they have no say in what is executed and what is a failure.
            force_raise_errors=True,
            skip_cells_with_tag=uuid4().hex,  # one that no cell has; an empty tag is one, too
            startup_timeout=60,
            timeout=run.timeout,
            iopub_timeout=_LATE,
        )
        client.answers, client.tell, client.printed, client.shown = answers, tell, Counter(), {}
        environment = os.environ | threads.environment(run.threads) | {RUN: run.name, OUT: str(scratch.out)}
        # No start-up file or setting of the user's own has a say in what a run computes.
        environment |= {"IPYTHONDIR": str(scratch.folder / "ipython"), "IPYTHON_SUPPRESS_CONFIG_ERRORS": "1"}
        with scratch.kernel_log.open("w") as stderr:
            try:
                client.execute(env=environment, cwd=str(scratch.analyses), stderr=stderr)
            except DeadKernelError:  # not in a cell
                raise Unanswered from None


papermill_engines.register(_ENGINE, _Engine)


def run_notebook(run: Run, scratch: Scratch, forked: ForkedKernel | None, tell: Tell) -> Result:
    """Execute the copy of a run's notebook in its scratch folder, where its records and the notebook with its outputs go.

    Raises:
        CellFailed: A cell did not end well; its cause says how.
        RuntimeError: The kernel did not start.
        Unanswered: The kernel ended after the last cell.
        RunError: The notebook breaks its format.
    """
    answers: dict[str, str] = {}
    path = scratch.analyses / run.notebook.name
    _check_readable(path, run)
    notebook = execute_notebook(
        path,
        scratch.executed,
        parameters=run.parameters,
        engine_name=_ENGINE,
        kernel_name="python3",
        language="python",  # a notebook need not say it
        cwd=scratch.analyses,
        progress_bar=False,
        forked=forked if run.threads == threads.WARM else None,
        run=run,
        scratch=scratch,
        answers=answers,
        tell=tell,
    )
    if not answers.keys() >= {*_QUESTIONS, "seen"}:
        raise Unanswered
    seen = json.loads(answers["seen"])
    return Result(tuple({*answers["modules"].split(), *seen["modules"]}), answers["device"], notebook, seen)


def _check_readable(path: Path, run: Run) -> None:
    """What breaks the format in a way that nobody foresaw is the author's to mend all the same."""
    try:
        read(path, as_version=4)
    except Exception as error:  # noqa: BLE001 - nbformat raises errors of many kinds
        what = f"{run.notebook.name} is no notebook that Jupyter reads: {sentence(error)}; open it in Jupyter and save it again"
        raise RunError(f"run {run.name!r} failed: {what}; former results are untouched") from None
