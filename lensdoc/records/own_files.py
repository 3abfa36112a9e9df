"""Files that belong to a record and lie beside it: what is too large, or of another type, than a field can hold.

The record `live.json` with a file `weights-0.bin.gz` has it beside it as `live.weights-0.bin.gz`. The record names each with its
media type, size and hash, so that whoever has the record can tell whether the file is there and whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StringConstraints

from lensdoc.core.errors import DataError, RunError
from lensdoc.core.files import read_file
from lensdoc.records.fields import StrictData

if TYPE_CHECKING:
    from lensdoc.records.record import Record

LARGEST = 20_000_000
"""Bytes of one file: hosts of static pages refuse files of 100 MB, and a lost connection costs no more than a part."""
LOCAL = "local."
"""Begins the names of files that Git is to ignore (`/docs/data/**/*.local.*`): they are made by a run and not committed."""

Suffix = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=60)]
"""What stands behind the record's name and a full stop; it does not end in `.json`, which ends the names of records."""


class RecordFile(StrictData):
    """One file beside a record."""

    media_type: Annotated[str, StringConstraints(pattern=r"^[a-z]+/[a-z0-9.+-]+$")]
    size: Annotated[int, Field(ge=0, le=LARGEST)]
    """Bytes."""
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def described(suffix: str, media_type: str, content: bytes) -> RecordFile:
    """What a record says of a file of its own.

    Raises:
        RunError: The file is larger than 20 MB.
    """
    if len(content) > LARGEST:
        raise RunError(
            f"the file {suffix!r} of a record has {len(content):,} bytes; each has at most {LARGEST:,}: split it into parts"
        )
    return RecordFile(media_type=media_type, size=len(content), sha256=hashlib.sha256(content).hexdigest())


def check_suffix(suffix: str) -> None:
    """Raise a `ValueError` for a name that would make the file look like a record."""
    if suffix.endswith((".json", ".csv")):
        raise ValueError(f"{suffix!r} ends as records or their tables do; name it otherwise, such as {suffix}.gz")


def beside(record: Path, suffix: str) -> Path:
    """Where a file of the record at a path lies."""
    return record.with_name(f"{record.stem}.{suffix}")


def is_local(suffix: str) -> bool:
    """Whether the file is made by a run and not committed, so that a clone lacks it until the run is executed there."""
    return suffix.startswith(LOCAL)


def contents(record: Record) -> dict[str, bytes]:
    """The files of a record in memory, by suffix.

    Raises:
        RunError: The record was read from a file and names files whose content it does not hold.
    """
    held = record.held_files()
    if lacking := sorted(set(record.files) - set(held)):
        raise RunError(
            f"the record names a file {lacking[0]!r} and does not hold it: a record that was read from a file is not saved "
            "again; save the one that the measure made"
        )
    return {suffix: held[suffix] for suffix in record.files}


def faults(files: Mapping[str, RecordFile], record: Path) -> Iterator[tuple[str, str]]:
    """Suffix and what is wrong, in words, for each of a record's files that is not there or not whole."""
    for suffix, file in files.items():
        path = beside(record, suffix)
        try:
            content = read_file(path, follow=False)
        except FileNotFoundError:
            yield suffix, f"{path.name} is not there"
        except (OSError, RunError) as error:
            yield suffix, f"{path.name} cannot be read: {error}"
        else:
            if (len(content), hashlib.sha256(content).hexdigest()) != (file.size, file.sha256):
                yield suffix, f"{path.name} is not the file that the record names"


def check_files(record: Record, path: Path) -> None:
    """See that the files of a record are there and whole; those that are not committed may be absent.

    Raises:
        DataError: One is not.
    """
    for suffix, fault in faults(record.files, path):
        if not (is_local(suffix) and not beside(path, suffix).exists()):
            raise DataError(f"{path}: field 'files': {fault}; execute its run again, or take the file from version control")


def holding(record: Record, path: Path) -> Record:
    """The record with the pictures that belong to it and are whole, for where no page can give their addresses."""
    shown = {suffix: file for suffix, file in record.files.items() if file.media_type.startswith("image/")}
    broken = {suffix for suffix, _ in faults(shown, path)}
    return record.with_held({suffix: read_file(beside(path, suffix), follow=False) for suffix in shown if suffix not in broken})
