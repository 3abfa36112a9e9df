"""One run, from start to end, in a process of its own: whoever holds the run's lock executes it, publishes it, and says so.

A job can be sent twice, or to two machines that share a folder: the second finds the run fresh and does nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lensdoc.core.errors import RunError
from lensdoc.core.files import check_writable, sweep, write_all
from lensdoc.pipeline.attempts import attempt
from lensdoc.pipeline.doing import told
from lensdoc.pipeline.failure import Failure, RunFailed, failure_of_files
from lensdoc.pipeline.keeping import kept
from lensdoc.pipeline.key import (
    Components,
    computing_sources,
    digest,
    executed_components,
    key_of,
    sources_of_run,
    static_components,
)
from lensdoc.pipeline.lock import Entry, with_entry
from lensdoc.pipeline.locks import file_name, lock_file_lock, run_lock
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.published_files import own_paths
from lensdoc.pipeline.run_paths import check_links
from lensdoc.pipeline.runs import Run, choose, read_runs
from lensdoc.pipeline.scratch import Scratch, scratch
from lensdoc.pipeline.status import FRESH, status_of
from lensdoc.pipeline.unwatched import unwatched
from lensdoc.pipeline.used_models import check_present, loaded_models, noted_revisions
from lensdoc.pipeline.validation import Made, Unfit, not_kept, not_loaded, own_files, validated

if TYPE_CHECKING:
    from lensdoc.pipeline.engine import Result
    from lensdoc.pipeline.kernels import ForkedKernel

Event = Mapping[str, Any]
Tell = Callable[[Event], None]
"""Receives what happens to the run: it waits for another process, or cells have run."""


@dataclass(frozen=True)
class Job:
    """What a worker is asked to do; plain data, so that it travels."""

    root: str
    """Folder of the project."""
    run: str
    force: bool = False
    """Execute the run even when it is fresh."""
    session: str = ""
    """On a cluster: the call of `lensdoc run` that sent the job; one session takes a run up at most twice."""

    def data(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Receipt:
    """What became of a job."""

    run: str
    executed: bool
    """False when the run was fresh once its lock was free."""
    records: int = 0
    seconds: float = 0.0
    notes: Sequence[str] = ()
    """What the author should know of a run that succeeded."""


@dataclass(frozen=True)
class Execution:
    """What an execution made, not yet published."""

    components: Components
    device: str
    records: dict[str, bytes]
    """Text of each declared record: there and valid."""
    notebook: bytes
    """The notebook with its outputs, without times and facts of the machine."""
    notes: tuple[str, ...] = ()
    """What the author should know of a run that succeeded."""
    not_watched: tuple[str, ...] = ()
    """What the results depend on and no component holds, in words."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Files that belong to records, by their names in the run's folder."""


def do(job: Job, forked: ForkedKernel | None, tell: Tell) -> Receipt:
    """Execute the run of a job, unless it is fresh, and publish what it made.

    Raises:
        RunError: The run failed, and nothing was published.
    """
    project = Project(Path(job.root))
    run = next(run for run in choose(read_runs(project), [job.run]) if run.name == job.run)
    started = time.monotonic()
    with _clear_words(run), run_lock(project, run.name, lambda: tell({"waits": "another process executes it"})):
        if not job.force and status_of(run, project).word == FRESH:
            return Receipt(run.name, executed=False)
        targets = (*run.outputs(project).values(), run.executed_notebook(project))
        check_links(targets, project)
        for path in (*targets, project.lock_file):
            check_writable(path)
        with attempt(run.name, job.session, project):
            execution = execute(run, project, forked, tell)
        publish(run, project, execution)
    seconds = time.monotonic() - started
    return Receipt(run.name, executed=True, records=len(run.records), seconds=seconds, notes=execution.notes)


def execute(run: Run, project: Project, forked: ForkedKernel | None = None, tell: Tell = lambda _: None) -> Execution:
    """Execute a run in a scratch folder; the caller holds its lock.

    A run is done when every declared record exists and validates, never because no exception came.

    Raises:
        RunError: A model of runs.yml is not here, a cell failed, or a record is missing or invalid.
    """
    check_present(run)
    with scratch(run, project) as place:
        static, sources = static_components(run, place.analyses), computing_sources()
        result = _executed(run, project, place, forked, tell)
        made, files = _validated(run, project, place)
        loaded = loaded_models(run, place.analyses, place.out, [record.model for _, record in made.values()])
        components = executed_components(run, static, result.modules, loaded, result.seen["imported"])
        now = computing_sources()
        if any(now.get(module) != sources.get(module) for module in components["code"]):
            raise RunError(f"run {run.name!r}: the code of lensdoc changed while it was executed; run it again")
        records = {record: content for record, (content, _) in made.items()}
        notes = (*not_loaded(made, noted_revisions(run, place.out)), *not_kept(run, place, static["inputs"]))
        named = {model.path: name for name, model in run.models.items() if model.path}
        saved = {f"{run.name}/{record}": content for record, content in records.items()}
        notebook = kept(result.notebook, place.folder, project.root, named=named, saved=saved)
        not_watched = unwatched(sources_of_run(run, place.analyses), result.seen)
        return Execution(components, result.device, records, notebook.encode(), notes, not_watched, files)


def publish(run: Run, project: Project, execution: Execution) -> None:
    """Put records and notebook in place, and last the entry of the lock that makes the run fresh; the caller holds its lock.

    Raises:
        OSError: Something could not be written; see `write_all`.
    """
    targets = run.outputs(project)
    before = {path for target in targets.values() for path in own_paths(target)}
    own = {project.data / run.name / name: content for name, content in execution.files.items()}
    records = {targets[record]: content for record, content in execution.records.items()}
    files = {**own, **records, run.executed_notebook(project): execution.notebook}
    entry = Entry(
        key=key_of(execution.components),
        components=execution.components,
        device=execution.device,
        outputs={record: digest(content) for record, content in execution.records.items()},
        notebook=digest(execution.notebook),
        not_watched=execution.not_watched,
    )
    with lock_file_lock(project):
        files[project.lock_file] = with_entry(project.lock_file, run.name, entry)
        for folder in {path.parent for path in files}:
            sweep(folder, [path.name for path in files])
        write_all(files)
    for path in before - set(own):  # parts of a former execution that no record names any more
        path.unlink(missing_ok=True)


def _executed(run: Run, project: Project, place: Scratch, forked: ForkedKernel | None, tell: Tell) -> Result:
    from lensdoc.pipeline.engine import run_notebook
    from lensdoc.pipeline.failures import CellFailed, Unanswered, explained

    try:
        with told(place.out, lambda what: tell({"doing": what})):
            return run_notebook(run, place, forked, lambda done, cells: tell({"cells": cells, "done": done}))
    except (CellFailed, Unanswered, RuntimeError) as error:
        raise explained(run, place, error, _failed(run, project)) from None
    except FileNotFoundError:
        if place.analyses.is_dir():
            raise
        what = f"{run.notebook.name} removed the folder in which it was executed; former results are untouched"
        raise RunFailed(Failure(run.name, "files", f"run {run.name!r} failed: {what}", run.notebook.name)) from None


def _failed(run: Run, project: Project) -> Path:
    """Where the notebook of a failed run is kept for reading."""
    return project.private / "failed" / f"{file_name(run.name)}.ipynb"


def _validated(run: Run, project: Project, place: Scratch) -> tuple[Made, dict[str, bytes]]:
    try:
        made = validated(run, place)
        return made, own_files(made, place)
    except Unfit as error:
        from lensdoc.pipeline.failures import incomplete

        raise incomplete(run, place, str(error), _failed(run, project)) from None


@contextmanager
def _clear_words(run: Run) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RunFailed(failure_of_files(run.name, error)) from None
