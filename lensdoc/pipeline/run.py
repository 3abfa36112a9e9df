"""Executing runs: each in a scratch folder, its files published only when all of them are there and valid."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from lensdoc.pipeline.key import code_components, computing_modules, digest, executed_components, key_of, static_components
from lensdoc.pipeline.lock import Entry, write_entry
from lensdoc.pipeline.notebook import read_notebook
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.runs import Run
from lensdoc.pipeline.status import FRESH, status
from lensdoc.records.errors import DataError, RunError
from lensdoc.records.reading import read_record
from lensdoc.records.record import Record
from lensdoc.records.writing import write_atomic

Say = Callable[[str], None]

_NEEDED = ("papermill", "ipykernel", "torch", "transformers", "sklearn")


def can_execute() -> bool:
    """Whether what executes notebooks is installed here."""
    return all(find_spec(module) for module in _NEEDED)


def execute_stale(project: Project, say: Say, names: Iterable[str] = (), *, force: bool = False) -> int:
    """Execute the runs that are not fresh; returns how many were executed.

    Args:
        project: The article's project.
        say: Receives one line for each thing that happens.
        names: Runs to look at; all by default.
        force: Execute fresh runs too.

    Raises:
        RunError: A run failed; its former results are untouched.
    """
    todo = [found.run for found in status(project, names) if force or found.word != FRESH]
    if todo and not can_execute():
        say(f"not fresh: {', '.join(run.name for run in todo)}; what executes runs is not installed: pip install 'lensdoc[run]'")
        return 0
    for run in todo:
        say(f"{run.name}: executing {run.notebook.name}")
        started = time.monotonic()
        execute(run, project)
        say(f"{run.name}: {len(run.records)} records in {time.monotonic() - started:.1f} s")
    return len(todo)


def execute(run: Run, project: Project) -> None:
    """Execute one run and publish its records.

    A run is done when every declared record exists and validates, never because no exception came.

    Raises:
        RunError: A cell failed, or a record is missing or invalid. Nothing is published then.
    """
    from lensdoc.pipeline.engine import run_notebook

    with _scratch(run, project) as scratch:
        out, analyses = scratch / "out", scratch / "analyses"
        static, code = static_components(run, analyses), code_components(computing_modules())
        result = run_notebook(run, folder=analyses, out=out, kept=project.private / "failed")
        files = {record: out / f"{record}.json" for record in run.records}
        revisions = {str(getattr(_checked(path, run).model, "revision", "unknown")) for path in files.values()}
        made = {record: path.read_bytes() for record, path in files.items()}
        components = executed_components(static, result.modules, " ".join(sorted(revisions)))
        if not components["code"].items() <= code.items():
            raise RunError(f"run {run.name!r}: the code of lensdoc changed while it was executed; run it again")
        for record, path in run.outputs(project).items():
            write_atomic(path, made[record])
    hashes = {record: digest(content) for record, content in made.items()}
    entry = Entry(key=key_of(components), components=components, device=result.device, outputs=hashes)
    write_entry(project.lock_file, run.name, entry)


def _checked(path: Path, run: Run) -> Record:
    if not path.is_file():
        raise RunError(
            f"run {run.name!r}: {run.notebook.name} ended without saving the declared record {path.stem!r}; "
            f"save it with record.save({path.stem!r})"
        )
    try:
        return read_record(path)
    except DataError as error:
        raise RunError(f"run {run.name!r}: {error}") from None


@contextmanager
def _scratch(run: Run, project: Project) -> Iterator[Path]:
    """A folder that mirrors `analyses/` with the notebook and the declared inputs, and takes the records."""
    project.private.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=project.private))
    try:
        (folder / "out").mkdir()
        for name in (run.notebook.name, *run.inputs):
            target = folder / "analyses" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(project.analyses / name, target)
        if read_notebook(folder / "analyses" / run.notebook.name, run.notebook.name) != run.notebook:
            raise RunError(f"run {run.name!r}: {run.notebook.name} was edited just now; run it again")
        declared = {
            "run": run.name,
            "notebook": f"analyses/{run.notebook.name}",
            "parameters": run.parameters,
            "records": list(run.records),
        }
        (folder / "out" / "run.json").write_text(json.dumps(declared))
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
