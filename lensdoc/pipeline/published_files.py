"""The files of published records, told without building the records: status looks at every record of an article."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from lensdoc.records.own_files import RecordFile, Suffix, beside, faults, is_local

_FILES = TypeAdapter(dict[Suffix, RecordFile])
_FIELD = b'\n "files": {'
"""How a line of a record begins that names files: most records have none, and are not parsed."""


def own_paths(record: Path) -> list[Path]:
    """Where the files of the record at a path lie, whether or not they are there."""
    return [beside(record, suffix) for suffix in _named(record)]


def changed_files(record: Path) -> Iterator[str]:
    """In words: files of a record that are changed, or gone though they are committed."""
    for suffix, fault in faults(_named(record), record):
        if not (is_local(suffix) and not beside(record, suffix).exists()):
            yield f"record {record.stem}: {fault}"


def absent_files(record: Path) -> list[str]:
    """Names of a record's files that are not committed and not here."""
    return [path.name for suffix in _named(record) if is_local(suffix) and not (path := beside(record, suffix)).exists()]


def _named(record: Path) -> dict[str, RecordFile]:
    """None of a record that is not there, or not valid, which is told elsewhere."""
    try:
        content = record.read_bytes()
        return _FILES.validate_python(json.loads(content).get("files", {})) if _FIELD in content else {}
    except (OSError, ValueError, ValidationError):
        return {}
