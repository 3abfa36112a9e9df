"""Reading records: strict, with errors that name path, field and reason."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lensdoc.core.errors import DataError, RunError
from lensdoc.core.files import read_file
from lensdoc.core.names import nearest
from lensdoc.core.strict_json import finite_json
from lensdoc.records.kinds import KINDS, known_kinds, record_class
from lensdoc.records.record import Record
from lensdoc.records.writing import PREFIX

LARGEST_FILE = 64_000_000
"""Bytes; a larger file is refused before it is parsed."""


def read_record(path: Path | str) -> Record:
    """Read and validate a data file.

    Raises:
        DataError: The file is missing, is not JSON, or breaks the format; the message names path, field and reason.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise DataError(f"{path}: {path.stat().st_size:,} bytes; a data file has at most {LARGEST_FILE:,}")
        text = read_file(path).decode()
    except FileNotFoundError:
        raise DataError(f"{path}: no such data file") from None
    except RunError as error:  # a folder, a pipe
        raise DataError(str(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as UTF-8 text: {error}") from None
    return loads(text, path)


def loads(text: str, path: Path | str = "<text>") -> Record:
    """Validate the text of a data file; `path` is only named in messages."""
    data = finite_json(text, path)
    cls = record_class(_kind(data, path))
    newer = _is_newer(data, cls, path)
    try:
        return _validate(data, cls)
    except ValidationError as error:
        unknown = [problem["loc"] for problem in error.errors() if problem["type"] == "extra_forbidden"]
        if not (newer and unknown):
            raise DataError(_explain(error, path)) from None
    for location in unknown:
        _remove(data, location)
    names = ", ".join(sorted({_field(location) for location in unknown}))
    warnings.warn(f"{path}: written by a newer lensdoc; not read: {names}", stacklevel=3)
    try:
        return _validate(data, cls)
    except ValidationError as error:
        raise DataError(_explain(error, path)) from None


def _validate(data: dict[str, Any], cls: type[Record]) -> Record:
    return cls.model_validate_json(json.dumps(data, allow_nan=False))


def _remove(data: Any, location: Sequence[str | int]) -> None:  # noqa: ANN401 - any JSON
    for step in location[:-1]:
        data = data[step]
    del data[location[-1]]


def _kind(data: dict[str, Any], path: Path | str) -> str:
    name = data.pop("format", None)
    if not isinstance(name, str) or not name.startswith(PREFIX):
        raise DataError(f"{path}: field 'format' must be 'lensdoc/<kind>', it is {name!r}")
    kind = name.removeprefix(PREFIX)
    if kind not in KINDS and kind not in (known := known_kinds()):
        cure = "or install the package that has it"
        raise DataError(f"{path}: field 'format': unknown kind {kind!r}; {nearest(kind, known)}, {cure}")
    return kind


def _is_newer(data: dict[str, Any], cls: type[Record], path: Path | str) -> bool:
    """Take the version out of the data; true for a newer minor, which may have fields that are unknown here."""
    version = data.pop("version", None)
    if not (isinstance(version, list) and [type(part) for part in version] == [int, int]):
        raise DataError(f"{path}: field 'version' must be [major, minor], it is {version!r}")
    major, minor = version
    if major > cls.VERSION[0]:
        raise DataError(f"{path}: version {major}.{minor} of {PREFIX}{cls.KIND} is too new; upgrade lensdoc")
    if major < cls.VERSION[0]:
        raise DataError(f"{path}: version {major}.{minor} of {PREFIX}{cls.KIND} is no longer read; run the analysis again")
    return bool(minor > max(filter(None, (cls.VERSION, cls.MASKED, cls.STREAMS, cls.NEWEST)))[1])


def _explain(error: ValidationError, path: Path | str) -> str:
    problems = error.errors(include_url=False)
    field, reason = _field(problems[0]["loc"]), problems[0]["msg"].removeprefix("Value error, ")
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    given = problems[0]["input"]
    received = f"; it is {given!r}" if isinstance(given, str | int | float) else ""
    return f"{path}: field {field!r}: {reason}{received}{more}" if field else f"{path}: {reason}{more}"


def _field(location: Sequence[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location).lstrip(".")
