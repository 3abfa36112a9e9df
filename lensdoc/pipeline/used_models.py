"""Which models a run uses, and their revisions.

Before a run: those that its parameters or cells name. After it: those that `load_model` noted too, whatever named them. Their
revisions are the component `model` of the key, by the name that the notebook uses; `names` holds what readers see, and `sources`
which models of the hub those of runs.yml are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from lensdoc.core.errors import RunError
from lensdoc.core.model_files import BUNDLED
from lensdoc.core.named_models import expanded, local_path
from lensdoc.pipeline.models import is_model, strings_in
from lensdoc.pipeline.runs import Run
from lensdoc.records.record import ModelInfo, NamedModel
from lensdoc.records.saving import LOADED

Revision = Callable[[Path], str]
"""Hashes the files of a model."""
_ONE = "revision"
"""The only part of the component `model` in locks of lensdoc 0.1."""
_ELSEWHERE = " (elsewhere)"
"""Ends the name of a model that did not lie at that name below `analyses/`: the lock holds no place on a machine."""


@dataclass(frozen=True)
class Observed:
    """The models of a lock, as they stand here."""

    revisions: dict[str, str]
    unchecked: list[str]
    """What cannot be told here."""
    absent: list[str]
    """Models whose files are not on this machine, each with its cure: the run cannot be executed here."""


def mentioned(run: Run) -> frozenset[str]:
    """All texts by which a run may name a model: its parameters, at any depth, and constants in its cells."""
    given = run.notebook.defaults() | run.parameters
    return run.notebook.constants().union(*map(strings_in, given.values()))


def local_models(run: Run, analyses: Path) -> dict[str, Path]:
    """The models that a run names and that are files here: of runs.yml, bundled, or below `analyses/`."""
    found: dict[str, Path] = {}
    for text in mentioned(run):
        path = path_of(text, run, analyses)
        if path is not None and (text in run.models or text in BUNDLED or is_model(path)):
            found[text] = path
    return found


def path_of(name: str, run: Run, analyses: Path) -> Path | None:
    """The folder or file of a model, there or not, by the name that the notebook uses; None for a hub id and any other text."""
    if name in run.models:
        return run.models[name].path
    if name.endswith(_ELSEWHERE):
        return None
    try:
        return local_path(name, analyses) if name else None
    except (OSError, ValueError):  # a long text, or one with a NUL
        return None


def check_present(run: Run) -> None:
    """See that the models of runs.yml that a run names are here, before anything is executed.

    Raises:
        RunError: One of them is not; the message names the line of runs.yml and the cure.
    """
    for name in sorted(mentioned(run) & run.models.keys()):
        model = run.models[name]
        if model.is_absent:
            what = f"run {run.name!r} needs the model {name!r}, whose source is not here"
            raise RunError(f"{what}: {model.place}: {model.source}; {model.cure}")


def declared_models(run: Run, analyses: Path, revision: Revision) -> dict[str, str]:
    """Revisions of the models that a run names, before it is executed; those that are not here are left out."""
    return {name: revision(path) for name, path in sorted(local_models(run, analyses).items()) if path.exists()}


def loaded_models(run: Run, analyses: Path, out: Path, measured: Iterable[ModelInfo | NamedModel]) -> dict[str, str]:
    """Revisions of the models that an execution loaded, by the names that it used.

    A model that the run made itself, in its scratch folder, is a result of the other components and left out. A record whose
    model was not loaded by `load_model` vouches for it with its own id.

    Args:
        run: The run that was executed.
        analyses: The mirror of `analyses/` in which it was.
        out: The folder where `load_model` noted what it loaded.
        measured: The models of the records.

    Raises:
        RunError: A line of the note is broken.
    """
    loaded = list(_noted(run, out / LOADED))
    found: dict[str, set[str]] = {}
    for asked, revision in loaded:
        if not _is_made_by_run(asked, run, analyses):
            found.setdefault(_name_in_lock(asked, run, analyses), set()).add(revision)
    noted = {revision for _, revision in loaded}
    for model in measured:
        if isinstance(model, ModelInfo) and model.revision not in noted:
            found.setdefault(_name_in_lock(model.id, run, analyses), set()).add(model.revision)
    return {name: " ".join(sorted(revisions)) for name, revisions in found.items()}


def noted_revisions(run: Run, out: Path) -> frozenset[str]:
    """Revisions of all that an execution loaded, what it made itself too; `out` is the folder where `load_model` noted it."""
    return frozenset(revision for _, revision in _noted(run, out / LOADED))


def names_of(run: Run, models: Iterable[str]) -> dict[str, str]:
    """What readers see, of those models that runs.yml names."""
    return {name: run.models[name].title for name in sorted(models) if name in run.models}


def sources_of(run: Run, models: Iterable[str]) -> dict[str, str]:
    """The hub ids of those models that runs.yml names and that are of the hub; of local ones the content says which they are."""
    return {name: run.models[name].source for name in sorted(models) if name in run.models and run.models[name].path is None}


def observed_models(run: Run, analyses: Path, locked: Mapping[str, Any], revision: Revision) -> Observed:
    """The models of a lock, as they stand here: what cannot be observed counts as unchanged."""
    if set(locked) == {_ONE} and _ONE not in run.models:
        return _observed_one(run, analyses, locked, revision)
    revisions, unchecked, absent = {}, [], []
    for name, before in locked.items():
        path = path_of(name, run, analyses)
        if path is not None and path.exists():
            revisions[name] = revision(path)
        else:
            revisions[name] = before
            unchecked.append(f"model {name} is not here" if path is not None else f"revision of {name}")
            if path is not None:
                absent.append(_absence(name, run))
    return Observed(revisions, unchecked, absent)


def _observed_one(run: Run, analyses: Path, locked: Mapping[str, Any], revision: Revision) -> Observed:
    """As lensdoc 0.1 wrote it: of the model that the parameter `model` names."""
    name = run.parameters.get("model")
    path = path_of(name, run, analyses) if isinstance(name, str) else None
    if path is not None and path.exists():
        return Observed({_ONE: revision(path)}, [], [])
    return Observed(dict(locked), [f"revision of {name or 'the model'}"], [])


def _absence(name: str, run: Run) -> str:
    if name in run.models:
        model = run.models[name]
        return f"model {name} is not here ({model.source}); {model.cure}"
    return f"model {name} is not here; put it at analyses/{name}"


def _is_made_by_run(asked: str, run: Run, analyses: Path) -> bool:
    if asked in run.models or asked in BUNDLED:
        return False
    path = analyses / Path(asked)
    return path.exists() and path.resolve().is_relative_to(analyses.resolve().parent)


def _name_in_lock(asked: str, run: Run, analyses: Path) -> str:
    """A name of runs.yml, of a bundled or hub model, or a path below `analyses/` as it is; of any other path the last part."""
    path = path_of(asked, run, analyses)
    if path is None or asked in run.models or asked in BUNDLED:
        return asked
    is_below = not expanded(asked).is_absolute() and path.exists()
    return asked if is_below else f"{path.name}{_ELSEWHERE}"


def _noted(run: Run, note: Path) -> Iterator[tuple[str, str]]:
    """What `load_model` was asked for, and the revision that it loaded."""
    lines = note.read_bytes().splitlines() if note.is_file() else []
    for number, line in enumerate(lines, 1):
        try:
            asked, revision = itemgetter("asked", "revision")(json.loads(line))
            is_whole = isinstance(asked, str) and isinstance(revision, str)
        except (ValueError, KeyError, TypeError, RecursionError):
            is_whole = False
        if not is_whole:
            what = f"line {number} of {LOADED}, where `load_model` notes what it loads, is broken: {line[:80]!r}"
            raise RunError(f"run {run.name!r}: {what}; see that no cell writes there, and run it again")
        yield asked, revision
