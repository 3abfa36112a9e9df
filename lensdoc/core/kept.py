"""A folder of this user for what is made again where it is lost: faster the second time, the same without it."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def kept_folder() -> Path | None:
    """The folder, made where it is not there; None where it cannot be written, or where Python keeps nothing compiled either."""
    if sys.dont_write_bytecode:
        return None
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        folder = Path(os.environ.get("LENSDOC_CACHE") or base / "lensdoc") / "builds"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # there is no home
        return None
    return folder if os.access(folder, os.W_OK) else None
