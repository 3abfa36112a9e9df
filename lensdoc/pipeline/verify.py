"""`lensdoc verify`: make the records of runs again, elsewhere, and compare them with those that are committed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from lensdoc.core.errors import LensdocError
from lensdoc.pipeline.compare import DIFFERENT, EXACT, WITHIN, Comparison, compare
from lensdoc.pipeline.job import Execution, execute
from lensdoc.pipeline.lock import Verified, read_lock, write_verified
from lensdoc.pipeline.locks import lock_file_lock, run_lock
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.runs import Run, choose, read_runs
from lensdoc.pipeline.status import FRESH, status_of

FAILED = "failed"

Execute = Callable[[Run, Project], Execution]


@dataclass(frozen=True)
class Verdict:
    """What verifying one run came to."""

    run: str
    word: str
    """`exact`, `within tolerances`, `different`, `failed`, or `stale` or `missing` for a run that was not executed."""
    detail: str = ""
    """What differs or failed, on one line."""

    @property
    def is_verified(self) -> bool:
        """Whether the committed records are what the run makes."""
        return self.word in {EXACT, WITHIN}

    def __str__(self) -> str:
        """One line for the run."""
        said = f"verified: {self.word}" if self.is_verified else self.word
        return f"{self.run}: {said}{f': {self.detail}' if self.detail else ''}"


def verify(project: Project, names: Iterable[str], say: Callable[[str], None], execute: Execute = execute) -> list[Verdict]:
    """Make the records of the runs of the given names, or of all, again and compare them with those that are committed.

    They must be the same to the byte where machine class and versions of libraries are those of the lock, and within stated
    tolerances elsewhere. The lock takes what was found; the committed records are never changed.

    Args:
        project: The article's project.
        names: Runs to verify; all by default.
        say: Receives one line for each run.
        execute: What executes a run and publishes nothing.

    Raises:
        RunError: `runs.yml`, a notebook or the lock cannot be read, or a name stands for no run.
    """
    verdicts = []
    for run in choose(read_runs(project), names):
        try:
            with run_lock(project, run.name, partial(say, f"{run.name}: waits for another process that executes it")):
                verdict = _verdict(run, project, execute)
        except (LensdocError, OSError) as error:
            verdict = Verdict(run.name, FAILED, str(error))
        verdicts.append(verdict)
        say(str(verdict))
    return verdicts


def _verdict(run: Run, project: Project, execute: Execute) -> Verdict:
    found = status_of(run, project)
    if found.word != FRESH:
        return Verdict(run.name, found.word, f"{found.why}; execute it first: lensdoc run {run.name}")
    entry = read_lock(project.lock_file)[run.name]
    committed = {record: path.read_bytes() for record, path in run.outputs(project).items()}
    execution = execute(run, project)
    results = {record: compare(content, execution.records[record]) for record, content in committed.items()}
    versions = execution.components.get("versions", {})
    alike = execution.device == entry.device and versions == entry.components.get("versions", {})
    verdict = _judge(run.name, results, alike=alike)
    how = Verified(how="exact" if verdict.word == EXACT else "tolerance", device=execution.device, versions=versions)
    with lock_file_lock(project):
        is_same = write_verified(project.lock_file, run.name, entry, how if verdict.is_verified else None)
    return verdict if is_same else Verdict(run.name, FAILED, "runs.lock was changed meanwhile; verify it again")


def _judge(run: str, results: dict[str, Comparison], *, alike: bool) -> Verdict:
    words = {result.word for result in results.values()}
    if words == {EXACT}:
        return Verdict(run, EXACT)
    if DIFFERENT in words:
        wrong = [f"{record} {_named(result)}" for record, result in results.items() if result.word == DIFFERENT]
        return Verdict(run, DIFFERENT, "; ".join(wrong))
    record, worst = max(
        ((record, result) for record, result in results.items() if result.word == WITHIN),
        key=lambda found: found[1].worst.share if found[1].worst else 0,
    )
    where = f"{record} {worst.worst}" if worst.worst else f"{record}: the text, not its numbers"
    if alike:
        rule = "the same machine class and versions should make the same bytes"
        return Verdict(run, DIFFERENT, f"{where}; within tolerances, but {rule}")
    return Verdict(run, WITHIN, f"most in {where}")


def _named(result: Comparison) -> str:
    far = f"; most in {result.worst}" if result.worst != result.first else ""
    return f"{result.first}{far}"
