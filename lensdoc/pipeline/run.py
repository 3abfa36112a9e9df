"""Bringing runs up to date: what is not fresh becomes a job, and an executor does the jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Protocol

from lensdoc.pipeline.failure import Failure, RunsFailed, failure_of
from lensdoc.pipeline.job import Job, Receipt
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.runs import Run
from lensdoc.pipeline.status import FRESH, Status
from lensdoc.pipeline.workers import Workers

Say = Callable[[str], None]

_NEEDED = ("papermill", "ipykernel", "filelock", "torch", "transformers", "sklearn")


class Report(Protocol):
    """Is told how far the runs are; from several threads."""

    def begin(self, runs: Iterable[str]) -> None:
        """These runs are going to be executed."""

    def happened(self, run: str, event: Mapping[str, Any]) -> None:
        """The run waits, for a reason in words (`waits`), has so many cells `done` of `cells`, or is `doing` something."""

    def ended(self, run: str, receipt: Receipt | None) -> None:
        """The run has ended; without a receipt it failed."""


@dataclass(frozen=True)
class Lines:
    """Plain lines, one for each thing that happens."""

    say: Say

    def begin(self, runs: Iterable[str]) -> None:
        """Say what is not fresh."""
        self.say(f"executing {', '.join(runs)}")

    def happened(self, run: str, event: Mapping[str, Any]) -> None:
        """Say that a run waits; cells, and what it does now, are no news."""
        if "waits" in event:
            self.say(f"{run}: {event['waits']}; waiting")

    def ended(self, run: str, receipt: Receipt | None) -> None:
        """Say what became of a run."""
        self.say(f"{run}: {outcome(receipt)}")


def outcome(receipt: Receipt | None) -> str:
    """What became of a run, in words."""
    if receipt is None:
        return "failed"
    if not receipt.executed:
        return "fresh: another process has executed it"
    done = f"{receipt.records} record{'s' * (receipt.records != 1)} in {receipt.seconds:.1f} s"
    return "; ".join([done, *receipt.notes])


@dataclass
class Outcome:
    """What became of all runs."""

    executed: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    """Those that failed; the others went on."""


def can_execute() -> bool:
    """Whether what executes notebooks is installed here."""
    return all(find_spec(module) for module in _NEEDED)


def absences(found: Iterable[Status]) -> list[str]:
    """A line for each model that fresh runs need and that is not on this machine: how to get it, and which runs are unchecked."""
    runs: dict[str, list[str]] = {}
    for state in found:
        for absent in state.absent:
            if state.word == FRESH:
                runs.setdefault(absent, []).append(state.name)
    return [f"{absent}; its runs count as unchanged: {', '.join(names)}" for absent, names in sorted(runs.items())]


def execute_runs(  # noqa: PLR0913 - what, where, and four ways that have defaults
    runs: list[Run],
    project: Project,
    report: Report,
    *,
    force: bool = False,
    processes: int = 1,
    workers: Workers | None = None,
) -> Outcome:
    """Execute runs, each in processes of its own, so many at a time.

    Args:
        runs: What to execute; a run that has become fresh when its turn comes is left alone.
        project: The article's project.
        report: Is told how far they are.
        force: Execute fresh runs too.
        processes: How many runs at a time.
        workers: Used and left running, where more is to come; else a set of its own, ended at the end.
    """
    own = workers or Workers()
    pool = ThreadPoolExecutor(processes, thread_name_prefix="lensdoc")  # each thread waits for the processes of one run

    def submit(run: Run) -> Future[Receipt]:
        job = Job(str(project.root), run.name, force=force)
        return pool.submit(own.do, job, lambda event: report.happened(run.name, event))

    try:
        return collect(runs, submit, report)
    except BaseException:  # Ctrl-C: what runs is ended, what waits does not begin
        pool.shutdown(wait=False, cancel_futures=True)
        own.close()
        raise
    finally:
        pool.shutdown(wait=False)
        if own is not workers:
            own.close()


def collect(runs: list[Run], submit: Callable[[Run], Future[Receipt]], report: Report) -> Outcome:
    """Submit runs to an executor and wait for all of them; one that fails does not stop the others."""
    outcome = Outcome()
    report.begin([run.name for run in runs])
    futures = {submit(run): run.name for run in runs}
    for future in as_completed(futures):
        name = futures.pop(future)  # a cluster would do a job again whose result is kept and lost
        try:
            receipt = future.result()
        except Exception as error:  # noqa: BLE001 - whatever it is, the other runs go on
            outcome.failures.append(failure_of(name, error))
            report.ended(name, None)
        else:
            outcome.executed += [name] if receipt.executed else []
            report.ended(name, receipt)
    return outcome


def raise_failures(outcome: Outcome) -> None:
    """Raise what failed, if anything did.

    Raises:
        RunsFailed: One or more runs failed.
    """
    if outcome.failures:
        raise RunsFailed(outcome.failures)
