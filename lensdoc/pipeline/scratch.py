"""The folder in which a run executes: a mirror of `analyses/` with what the run declares, and a place for its records."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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

    Raises:
        RunError: The notebook was edited since runs.yml was read.
    """
    parent = project.private / "scratch" / file_name(run.name)
    shutil.rmtree(parent, ignore_errors=True)
    parent.mkdir(parents=True)
    made = Scratch(Path(tempfile.mkdtemp(dir=parent)))
    try:
        _fill(made, run, project)
        yield made
    finally:
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


def _link_models(made: Scratch, run: Run, project: Project) -> None:
    """Models at paths below `analyses/` are read where they lie: weights are not copied."""
    for name, path in local_models(run, project.analyses).items():
        target = made.analyses / name
        is_below = path == project.analyses / name and not Path(name).is_absolute() and ".." not in target.parts
        if is_below and name not in run.models and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path.resolve(), target_is_directory=path.is_dir())
