"""The folder in which a run executes: a mirror of `analyses/` with what the run declares, and a place for its records."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lensdoc.core.errors import RunError
from lensdoc.pipeline.locks import file_name
from lensdoc.pipeline.notebook import read_notebook
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.runs import Run
from lensdoc.pipeline.used_models import local_models
from lensdoc.records.saving import DECLARED


@dataclass(frozen=True)
class Scratch:
    """Where one execution works; nothing outside is written."""

    folder: Path

    @property
    def analyses(self) -> Path:
        """The notebook and the declared inputs: the kernel's working folder."""
        return self.folder / "analyses"

    @property
    def out(self) -> Path:
        """Takes the records that the notebook saves."""
        return self.folder / "out"

    @property
    def executed(self) -> Path:
        """The notebook with its outputs."""
        return self.folder / "executed.ipynb"

    @property
    def kernel_log(self) -> Path:
        """What the kernel's program says of itself; not what cells print."""
        return self.folder / "kernel.log"


@contextmanager
def scratch(run: Run, project: Project) -> Iterator[Scratch]:
    """A new scratch folder, removed afterwards; the caller holds the run's lock, so older ones of the run are dead.

    It goes at once, by another name, from where a process that the notebook left behind may go on to write.

    Raises:
        RunError: The notebook was edited since runs.yml was read.
    """
    parent = project.private / "scratch" / file_name(run.name)
    shutil.rmtree(parent, ignore_errors=True)
    parent.mkdir(parents=True, exist_ok=True)
    made = Scratch(Path(tempfile.mkdtemp(dir=parent)))
    try:
        _fill(made, run, project)
        yield made
    finally:
        removed = Path(tempfile.mkdtemp(dir=parent)) / "removed"
        with suppress(OSError):  # the notebook removed it
            made.folder.rename(removed)
        shutil.rmtree(parent, ignore_errors=True)


def _fill(made: Scratch, run: Run, project: Project) -> None:
    made.out.mkdir()
    for name in (run.notebook.name, *run.inputs):
        target = made.analyses / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project.analyses / name, target)
    if read_notebook(made.analyses / run.notebook.name, run.notebook.name) != run.notebook:
        raise RunError(f"run {run.name!r}: {run.notebook.name} was edited just now; run it again")
    _link_models(made, run, project)
    notebook, parameters = origin(run)
    declared = {
        "run": run.name,
        "notebook": notebook,
        "parameters": parameters,
        "records": list(run.records),
        "models": {name: model.data() for name, model in run.models.items()},
    }
    (made.out / DECLARED).write_text(json.dumps(declared))


def origin(run: Run) -> tuple[str, dict[str, Any]]:
    """Notebook and parameters, as the records of a run name them: the notebook's own defaults are parameters too."""
    return f"analyses/{run.notebook.name}", run.notebook.defaults() | run.parameters


def linked_models(run: Run, made: Scratch, analyses: Path | None = None) -> dict[str, Path]:
    """Models at paths below `analyses/`, which are read where they lie: weights are not copied. Name to place.

    Args:
        run: The run.
        made: Its scratch folder, where the name of each is a link.
        analyses: Where the run's models are looked for; by default there.
    """
    root = analyses or made.analyses
    return {
        name: path
        for name, path in local_models(run, root).items()
        if path == root / name and not Path(name).is_absolute() and ".." not in Path(name).parts and name not in run.models
    }


def _link_models(made: Scratch, run: Run, project: Project) -> None:
    for name, path in linked_models(run, made, project.analyses).items():
        target = made.analyses / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path.resolve(), target_is_directory=path.is_dir())
