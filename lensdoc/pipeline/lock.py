"""`analyses/runs.lock`: for each run its key, the components of it, the device, and the hash of each output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import JsonValue, ValidationError

from lensdoc.records.errors import RunError
from lensdoc.records.part import Part


class Entry(Part):
    """What a run was made from and what it made."""

    key: str
    components: dict[str, dict[str, JsonValue]]
    device: str
    outputs: dict[str, str]
    """Record to the SHA-256 of its file."""


class _Lock(Part):
    version: Literal[1] = 1
    runs: dict[str, Entry]


def read_lock(path: Path) -> dict[str, Entry]:
    """Entries by run; none when there is no lock yet.

    Raises:
        RunError: The file is no lock that this version of lensdoc reads.
    """
    if not path.is_file():
        return {}
    try:
        return _Lock.model_validate_json(path.read_bytes()).runs
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "the file"
        raise RunError(
            f"{path}: not a lock of this lensdoc: {field}: {first['msg']}; "
            "take it from version control, or delete it and run again"
        ) from None


def with_entry(path: Path, name: str, entry: Entry) -> bytes:
    """The text of the lock with one run's entry put in."""
    lock = _Lock(runs=read_lock(path) | {name: entry})
    text = json.dumps(lock.model_dump(mode="json"), indent=1, sort_keys=True, allow_nan=False)
    return f"{text}\n".encode()
