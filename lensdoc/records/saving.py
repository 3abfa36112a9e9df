"""Where `record.save` writes: the scratch folder of a run, or a draft."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lensdoc.core import progress
from lensdoc.core.errors import RunError
from lensdoc.core.files import write_all
from lensdoc.core.names import nearest
from lensdoc.records.own_files import contents
from lensdoc.records.writing import dumps, write_record

if TYPE_CHECKING:
    from lensdoc.records.record import Record

RUN = "LENSDOC_RUN"
"""Environment variable: the name of the run that this process executes."""
OUT = progress.OUT
"""Environment variable: the scratch folder to write to; its file `DECLARED` says what the run declares."""
DECLARED = "run.declared"
"""Name of the file in the scratch folder that says what the run declares: no name of a record has a dot."""
LOADED = "models.loaded"
"""Name of the file in the scratch folder in which `load_model` notes what it loaded, a line of JSON each."""
SAVED = "records.saved"
"""Name of the file in the scratch folder in which `save` notes what it wrote: a line each, hash and name of the file."""
NAME = re.compile(r"[A-Za-z0-9_-]+")
"""Names of records: neither slashes nor dots, which separate run, record and field in `{val}`."""


def save(record: Record, name: str) -> None:
    """Write a record where it belongs; see `Record.save`."""
    if not NAME.fullmatch(name):
        raise RunError(f"a record's name has letters, digits, '-' and '_', not {name!r}")
    if RUN in os.environ:
        _save_in_run(record, name)
        return
    path = _drafts() / f"{name}.json"
    write_record(record, path)
    sys.stdout.write(f"draft: {path}\n")


def _save_in_run(record: Record, name: str) -> None:
    out = Path(os.environ[OUT])
    run = json.loads((out / DECLARED).read_text())
    if name not in run["records"]:
        raise RunError(
            f"runs.yml does not declare a record {name!r} for the run {run['run']!r}; {nearest(name, run['records'])}; "
            "add it to the `records` of the run where it is new"
        )
    if (out / f"{name}.json").exists():
        raise RunError(f"the run {run['run']!r} has saved a record {name!r} before; give each record its own name")
    known = {"run": run["run"], "notebook": run["notebook"], "parameters": run["parameters"]}
    provenance = record.provenance.model_copy(update=known)
    files = {f"{name}.{suffix}": content for suffix, content in contents(record).items()}
    files[f"{name}.json"] = dumps(record.model_copy(update={"provenance": provenance})).encode()
    write_all({out / file: content for file, content in files.items()})
    with (out / SAVED).open("a", encoding="utf-8") as note:
        note.writelines(f"{hashlib.sha256(content).hexdigest()} {file}\n" for file, content in files.items())


def _drafts() -> Path:
    here = Path.cwd()
    root = next((folder for folder in (here, *here.parents) if (folder / "mkdocs.yml").is_file()), here)
    notebook = Path(os.environ.get("JPY_SESSION_NAME", "interactive")).stem
    return root / ".lensdoc" / "drafts" / notebook
