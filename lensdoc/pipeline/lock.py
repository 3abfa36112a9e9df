"""`analyses/runs.lock`: for each run its key, the components of it, the device, and the hash of each output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import JsonValue, ValidationError

from lensdoc.core.errors import RunError
from lensdoc.core.files import read_file, write_atomic
from lensdoc.records.fields import StrictData


class Verified(StrictData):
    """What the last verification of a run found: its records, made again, were the same."""

    how: Literal["exact", "tolerance"]
    """To the byte, or as `tolerances` allows."""
    device: str
    """Class of the machine on which they were made again."""
    versions: dict[str, JsonValue]
    """Versions of the libraries there."""


class Entry(StrictData):
    """What a run was made from and what it made."""

    key: str
    components: dict[str, dict[str, JsonValue]]
    device: str
    outputs: dict[str, str]
    """Record to the SHA-256 of its file."""
    notebook: str | None = None
    """SHA-256 of the executed notebook; None where lensdoc 0.1 executed it."""
    not_watched: tuple[str, ...] | None = None
    """What the records depend on and no component holds, in words; None where lensdoc 0.1 executed it, which did not look."""
    verified: Verified | None = None
    """None until `lensdoc verify` has found the records the same; a new execution is a new entry."""


class _Lock(StrictData):
    version: Literal[1] = 1
    runs: dict[str, Entry]


def read_lock(path: Path) -> dict[str, Entry]:
    """Entries by run; none when there is no lock yet.

    Raises:
        RunError: The file is no lock that this version of lensdoc reads.
    """
    try:
        return _Lock.model_validate_json(read_file(path)).runs
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "the file"
        raise RunError(
            f"{path}: not a lock of this lensdoc: {field}: {first['msg']}; "
            "take it from version control, or delete it and run again"
        ) from None


def write_verified(path: Path, name: str, entry: Entry, verified: Verified | None) -> bool:
    """Put what a verification found into one run's entry; false if that is no longer the entry that was verified."""
    now = read_lock(path).get(name)
    if now is None or (now.key, now.outputs) != (entry.key, entry.outputs):
        return False
    write_entry(path, name, now.model_copy(update={"verified": verified}))
    return True


def write_entry(path: Path, name: str, entry: Entry) -> None:
    """Put one run's entry into the lock."""
    write_atomic(path, with_entry(path, name, entry))


def with_entry(path: Path, name: str, entry: Entry) -> bytes:
    """The text of the lock with one run's entry put in."""
    lock = _Lock(runs=read_lock(path) | {name: entry})
    text = json.dumps(lock.model_dump(mode="json"), indent=1, sort_keys=True, allow_nan=False)
    return f"{text}\n".encode()
