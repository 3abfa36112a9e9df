"""Which files a model is, and the revision that names their content."""

from __future__ import annotations

import hashlib
from pathlib import Path

BUNDLED = {"lensdoc/tiny": Path(__file__).parents[1] / "models" / "tiny" / "checkpoint"}
"""Models that come with lensdoc, by name."""


def local_folder(name: str) -> Path | None:
    """The folder of a bundled model or of a local one; None for a hub id."""
    if name in BUNDLED:
        return BUNDLED[name]
    path = Path(name)
    return path if path.is_dir() else None


def content_revision(folder: Path) -> str:
    """`sha256:` and the hash over names and contents of the files in the folder, or the hash of a file."""
    if folder.is_file():
        with folder.open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    total = hashlib.sha256()
    for path in sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")):
        with path.open("rb") as file:
            total.update(f"{path.name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return f"sha256:{total.hexdigest()}"
