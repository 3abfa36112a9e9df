"""What runs.yml says of a model under `models:`, told alike to runs and to a notebook that is used interactively."""

from __future__ import annotations

import re
from pathlib import Path

from lensdoc.core.model_files import BUNDLED

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?")
_PLACE = "models/"
"""A source that begins so is below `analyses/models/`, whether it is there or not; any other `a/b` may be a hub id."""
_FILE = ".gguf"


def local_path(source: str, analyses: Path) -> Path | None:
    """The folder or file that a source names, there or not; None for a hub id.

    Args:
        source: A bundled model, or a path that is absolute or begins at `analyses/`, or a hub id.
        analyses: The folder `analyses/`.
    """
    if source in BUNDLED:
        return BUNDLED[source]
    path = analyses / expanded(source)
    return path if not _may_be_hub_id(source) or path.exists() else None


def expanded(text: str) -> Path:
    """A path, with `~` replaced by the home folder."""
    try:
        return Path(text).expanduser()
    except RuntimeError:  # ~nobody
        return Path(text)


def title_of(source: str, path: Path | None) -> str:
    """What readers see of a model without a `name`: a hub id or bundled name as it is, of a path the last part.

    Args:
        source: The source, as `local_path` takes it.
        path: What `local_path` says of it: a folder in `analyses/` may look like a hub id.
    """
    if path is None or source in BUNDLED:
        return source
    known = path if path.name not in ("", "..") else path.resolve()
    return (known.stem if known.suffix.lower() == _FILE else known.name) or "model"


def described(source: str, path: Path | None, title: str, get: str | None) -> dict[str, str]:
    """What `load_model` needs of a model of runs.yml.

    Args:
        source: As runs.yml has it.
        path: The folder or file, there or not; None for a hub id.
        title: What readers see.
        get: How to get a source that is not there.
    """
    return {
        "source": source if path is None else str(path.resolve()),
        "title": title,
        "written": source,
        "cure": cure_of(source, get),
    }


def cure_of(source: str, get: str | None) -> str:
    """What to do about a source that is not there."""
    place = source if expanded(source).is_absolute() else f"analyses/{source}"
    return f"to get it: {get}" if get else f"put it at {place}, or correct `source` in runs.yml"


def _may_be_hub_id(source: str) -> bool:
    return bool(_HUB_ID.fullmatch(source)) and not source.startswith(_PLACE) and not source.lower().endswith(_FILE)
