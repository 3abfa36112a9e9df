"""What a run made, held against the run.

Each record is read once: what was validated is what is published, whatever a process that the notebook left behind does to the
file meanwhile. It must be what `record.save` wrote, to the byte, and name the run, notebook and parameters that were used.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from lensdoc.core.errors import DataError, RunError
from lensdoc.core.files import read_file
from lensdoc.core.progress import DOING
from lensdoc.pipeline.key import digest
from lensdoc.pipeline.runs import Run
from lensdoc.pipeline.scratch import Scratch, linked_models, origin
from lensdoc.records.own_files import beside, faults
from lensdoc.records.reading import loads
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.saving import DECLARED, LOADED, SAVED

Made = dict[str, tuple[bytes, Record]]
"""Name of each declared record to its text and what it says."""

_OWN = frozenset({DECLARED, DOING, LOADED, SAVED})
"""Files of lensdoc beside the records."""
_PICTURES = (".svg", ".png")
_NAMED = 5
"""Files that are named when they are not kept; the others are counted."""


class Unfit(Exception):  # noqa: N818 - a signal between the validation and what explains it
    """What a run made is not what it declares; the message says what, and the cure."""


def validated(run: Run, place: Scratch) -> Made:
    """The records of a run that has been executed, each there and valid.

    Raises:
        Unfit: One of them is not.
    """
    if place.out.is_symlink():
        raise Unfit("replaced the folder of its records by a link; save them with record.save")
    written = _written(place.out / SAVED)
    return {name: _validated(place.out / f"{name}.json", run, written) for name in run.records}


def own_files(made: Made, place: Scratch) -> dict[str, bytes]:
    """The files that belong to the records, by name in the run's folder.

    Raises:
        Unfit: One is not there, or not what its record names.
    """
    found: dict[str, bytes] = {}
    for name, (_, record) in made.items():
        path = place.out / f"{name}.json"
        for _, fault in faults(record.files, path):
            raise Unfit(f"saved a record {name!r} whose file {fault}: a cell, or a process that it started, changed it")
        found |= {beside(path, suffix).name: read_file(beside(path, suffix), follow=False) for suffix in record.files}
    return found


def _validated(path: Path, run: Run, written: Iterable[str]) -> tuple[bytes, Record]:
    name = path.stem
    try:
        content = read_file(path, follow=False)
        record = loads(content.decode(), path)
    except FileNotFoundError:
        raise Unfit(f"ended without saving the declared record {name!r}; save it with record.save({name!r})") from None
    except (DataError, UnicodeDecodeError) as error:
        raise Unfit(f"saved a record that is not valid: {error}") from None
    except RunError as error:
        raise Unfit(f"left no file where the record {name!r} should be: {error}; save it with record.save({name!r})") from None
    said = record.provenance
    if (said.run, said.notebook, said.parameters) != (run.name, *origin(run)):
        raise Unfit(f"wrote a record {name!r} that names another run, notebook or parameters; save it with record.save")
    if f"{digest(content)} {path.name}" not in written:
        raise Unfit(
            f"left a record {name!r} that is not what record.save wrote: a cell, or a process that it started, changed "
            f"{path.name}; numbers are added with record.with_facts before it is saved"
        )
    return content, record


def _written(note: Path) -> frozenset[str]:
    try:
        return frozenset(read_file(note, follow=False).decode(errors="replace").splitlines())
    except (FileNotFoundError, RunError):  # no record is what was written, then
        return frozenset()


def not_loaded(made: Made, revisions: Collection[str]) -> Iterator[str]:
    """A line for each record that names a model which `load_model` did not load, though it did load some.

    Args:
        made: The records.
        revisions: Those of the models that `load_model` noted.
    """
    for name, (_, record) in made.items():
        model = record.model
        if revisions and isinstance(model, ModelInfo) and model.revision not in revisions:
            yield f"record {name!r} names the model {model.id!r}, which load_model did not load"


def not_kept(run: Run, place: Scratch, inputs: Mapping[str, str]) -> Iterator[str]:
    """At most one line: which files the notebook wrote that are not kept.

    Args:
        run: The run.
        place: Its scratch folder.
        inputs: Hash of each declared input, as it was before the run.
    """
    known = {place.analyses / name for name in (run.notebook.name, *linked_models(run, place))}
    known |= {place.analyses / name for name, before in inputs.items() if _is_same(place.analyses / name, before)}
    saved = {line.partition(" ")[2] for line in _written(place.out / SAVED)}
    beside = [path.relative_to(place.analyses) for path in _files(place.analyses) if path not in known]
    among = [path.relative_to(place.out) for path in _files(place.out) if path.name not in saved | _OWN]
    names = sorted(path.as_posix() for path in [*beside, *among])
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        drawn = "; lensdoc.figure makes a record of a picture" if any(name.endswith(_PICTURES) for name in names) else ""
        yield f"not kept: {', '.join(names[:_NAMED])}{more}, since only the records are that runs.yml declares{drawn}"


def _files(folder: Path) -> Iterator[Path]:
    """Files and links below a folder, but for caches."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            yield from () if path.name in {"__pycache__", ".ipynb_checkpoints"} else _files(path)
        elif path.suffix != ".pyc":
            yield path


def _is_same(path: Path, before: str) -> bool:
    try:
        return digest(path.read_bytes()) == before
    except OSError:
        return False
