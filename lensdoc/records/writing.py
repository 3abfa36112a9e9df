"""Writing records: canonical text, put in place in one step."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from lensdoc.records.record import Record

PREFIX = "lensdoc/"
"""Begins the field `format`, before the kind."""


def dumps(record: Record) -> str:
    """The canonical text of a record: sorted keys, finite numbers, the tokens and each row on one line."""
    data = record.model_dump(mode="json", exclude_none=False)
    data |= {"format": PREFIX + record.KIND, "version": list(record.VERSION)}
    lines = [f" {json.dumps(key)}: {_field(data[key])}" for key in sorted(data)]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _field(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, list) and value and isinstance(value[0], list | dict):
        return "[\n" + ",\n".join(f"  {_compact(item)}" for item in value) + "\n ]"
    return _compact(value)


def _compact(value: Any) -> str:  # noqa: ANN401 - any JSON
    return json.dumps(value, sort_keys=True, allow_nan=False)


def write_record(record: Record, path: Path) -> None:
    """Write the record in one step: readers see the former file or the new one, never a part."""
    write_atomic(path, dumps(record).encode())


def write_atomic(path: Path, content: bytes) -> None:
    """Write beside the target, flush to the disk, rename; an unchanged file is left alone."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
