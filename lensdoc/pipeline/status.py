"""Which runs are fresh, stale or missing, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lensdoc.pipeline.key import Look, computing_cells, digest, key_of, observe, text_digest
from lensdoc.pipeline.lock import Entry, read_lock
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.published_files import absent_files, changed_files
from lensdoc.pipeline.reasons import differences
from lensdoc.pipeline.runs import Run, choose, read_runs
from lensdoc.pipeline.unwatched import UNKNOWN

FRESH = "fresh"
STALE = "stale"
MISSING = "missing"


@dataclass(frozen=True)
class Status:
    """The state of one run."""

    run: Run
    word: str
    """`fresh`, `stale` or `missing`."""
    reasons: tuple[str, ...] = ()
    """What changed, from what to what."""
    unchecked: tuple[str, ...] = ()
    """What could not be observed here and counts as unchanged."""
    absent: tuple[str, ...] = ()
    """Models that are not on this machine, each with its cure."""
    without: tuple[str, ...] = ()
    """Files of records that are not committed and not here, so that a site is built without them."""
    not_watched: tuple[str, ...] = ()
    """What the records depend on and nobody looks at, in words: a change of it leaves the run fresh."""

    @property
    def name(self) -> str:
        """Name of the run."""
        return self.run.name

    @property
    def why(self) -> str:
        """The reasons in one line."""
        return "; ".join(self.reasons)


def status(project: Project, names: Iterable[str] = ()) -> list[Status]:
    """The state of the runs of the given names, or of all.

    Raises:
        RunError: `runs.yml`, a notebook or the lock cannot be read, or a name stands for no run.
    """
    lock, look = read_lock(project.lock_file), Look()
    return [_status(run, project, lock.get(run.name), look) for run in choose(read_runs(project), names)]


def status_of(run: Run, project: Project) -> Status:
    """The state of one run."""
    return _status(run, project, read_lock(project.lock_file).get(run.name), Look())


def leftovers(project: Project) -> list[str]:
    """What the lock still holds of runs that `runs.yml` no longer has, one line each; imported records are none of it."""
    names = [run.name for run in read_runs(project)]
    lock = "its entry in analyses/runs.lock"
    return [
        f"not in runs.yml: {name} ({', '.join([*_places(name, entry, project, names), lock])}); delete them"
        for name, entry in sorted(read_lock(project.lock_file).items())
        if name not in names
    ]


def _places(name: str, entry: Entry, project: Project, names: Iterable[str]) -> list[str]:
    """The files of a run that is gone: its folder, or its records where other runs lie below it."""
    folder = project.data / name
    shared = any(other.startswith(f"{name}/") for other in names)
    data = [folder / f"{record}.json" for record in entry.outputs] if shared else [folder]
    found = [path for path in (*data, project.analyses / "executed" / f"{name}.ipynb") if path.exists()]
    return [path.relative_to(project.root).as_posix() for path in found]


def _status(run: Run, project: Project, entry: Entry | None, look: Look) -> Status:
    outputs = run.outputs(project)
    absent = [record for record, path in outputs.items() if not path.is_file()]
    if absent:
        return Status(run, MISSING, tuple(f"no record {record}" for record in absent))
    if entry is None:
        return Status(run, STALE, ("runs.lock does not know it",))
    if key_of(entry.components) != entry.key:
        return Status(run, STALE, ("runs.lock: the key is not that of its components",))
    edited = [
        f"record {record}: not the file that the run made"
        for record, path in outputs.items()
        if record in entry.outputs and not _is_as_made(path, entry.outputs[record])
    ]
    if set(entry.outputs) != set(outputs):
        edited.append(f"records: {', '.join(sorted(entry.outputs))} -> {', '.join(sorted(outputs))}")
    edited += [fault for path in outputs.values() for fault in changed_files(path)]
    edited += _edits_of_notebook(run.executed_notebook(project), entry)
    now = observe(run, project.analyses, entry.components, look)
    numbers = [run.notebook.numbers[index] for index in computing_cells(run.notebook)]
    reasons = (*differences(entry.components, now.components, numbers), *edited)
    not_watched = UNKNOWN if entry.not_watched is None else entry.not_watched
    without = tuple(name for path in outputs.values() for name in absent_files(path))
    return Status(run, STALE if reasons else FRESH, reasons, now.unchecked, now.absent, without, not_watched)


def _edits_of_notebook(path: Path, entry: Entry) -> list[str]:
    if entry.notebook is None:  # by lensdoc 0.1
        return []
    if not path.is_file():
        return ["executed notebook: it is gone"]
    return [] if _is_as_made(path, entry.notebook) else ["executed notebook: not the file that the run made"]


def _is_as_made(path: Path, made: str) -> bool:
    """Whether a file has the hash of the lock. Git may give its lines the endings of Windows, which changes nothing in JSON."""
    content = path.read_bytes()
    return digest(content) == made or text_digest(content) == made
