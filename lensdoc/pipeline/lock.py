"""`analyses/runs.lock`: for each run its key, the components of it, the device, and the hash of each output."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from lensdoc.pipeline.key import Components
from lensdoc.records.errors import RunError
from lensdoc.records.writing import write_atomic

_VERSION = 1


@dataclass(frozen=True)
class Entry:
    """What a run was made from and what it made."""

    key: str
    components: Components
    device: str
    outputs: dict[str, str]
    """Record to the SHA-256 of its file."""


def read_lock(path: Path) -> dict[str, Entry]:
    """Entries by run; none when there is no lock yet.

    Raises:
        RunError: The file is no lock of this version.
    """
    if not path.is_file():
        return {}
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] != _VERSION:
            raise RunError(
                f"{path}: version {data['version']} of the lock; this lensdoc reads {_VERSION}; run `lensdoc run --force`"
            )
        return {name: Entry(**entry) for name, entry in data["runs"].items()}
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path}: not a lock file ({error!r}); take it from version control, or delete it and run again") from None


def write_entry(path: Path, name: str, entry: Entry) -> None:
    """Put one run's entry into the lock."""
    entries = {run: asdict(old) for run, old in read_lock(path).items()} | {name: asdict(entry)}
    text = json.dumps({"version": _VERSION, "runs": entries}, indent=1, sort_keys=True, allow_nan=False)
    write_atomic(path, f"{text}\n".encode())
