"""Writing records: their canonical text, which the hash in the lock is of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lensdoc.core.files import write_all
from lensdoc.records.own_files import beside, contents

if TYPE_CHECKING:
    from lensdoc.records.record import Record


PREFIX = "lensdoc/"
"""Begins the field `format`, before the kind."""
MIME = "text/vnd.lensdoc.record"
"""Type of the text of a record among the outputs of a notebook's cell."""
SAVED = "lensdoc"
"""Name in the metadata of such an output where it shows a record that the run saved: `record`, its `RUN/NAME`, and `sha256`, of
its file. The text itself is then in that file alone."""


def dumps(record: Record) -> str:
    """The canonical text of a record: sorted keys, finite numbers, the tokens and each row on one line."""
    data = record.model_dump(mode="json", exclude_none=False)
    if not record.files:  # most have none, and keep the bytes that they had before there were any
        del data["files"]
    data |= {"format": PREFIX + record.KIND, "version": list(record.version)}
    lines = [f" {json.dumps(key)}: {_field(data[key])}" for key in sorted(data)]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _field(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, list) and value and isinstance(value[0], list | dict):
        return "[\n" + ",\n".join(f"  {_compact(item)}" for item in value) + "\n ]"
    return _compact(value)


def _compact(value: Any) -> str:  # noqa: ANN401 - any JSON
    return json.dumps(value, sort_keys=True, allow_nan=False)


def write_record(record: Record, path: Path) -> None:
    """Write the record in one step, and its own files before it: readers see the former file or the new one, never a part."""
    own = {beside(path, suffix): content for suffix, content in contents(record).items()}
    write_all({**own, path: dumps(record).encode()})
