"""One archive of a folder's files, the same bytes for the same files, with a list of them in it."""

from __future__ import annotations

import hashlib
import json
import mimetypes
import os
import zipfile
from pathlib import Path

MANIFEST = "MANIFEST.json"
_TYPES = {
    ".cff": "application/yaml", ".csv": "text/csv", ".ipynb": "application/x-ipynb+json", ".js": "text/javascript",
    ".lock": "application/json", ".md": "text/markdown", ".mjs": "text/javascript", ".woff2": "font/woff2",
    ".yaml": "application/yaml", ".yml": "application/yaml",
}  # fmt: skip
"""Beyond what Python knows, or where that is another on some machines."""
_KNOWN = mimetypes.MimeTypes()
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can say: when a file was written is no part of what it holds."""
_MODE = 0o100644


def pack(folder: Path, archive: Path) -> list[dict[str, object]]:
    """Write the files of a folder into an archive, with a manifest of them.

    Returns:
        What the manifest says: of each file `path`, `size` in bytes, `sha256` and `type`, by path.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    files: list[dict[str, object]] = [_described(name, content) for name, content in contents.items()]
    manifest = json.dumps({"format": "lensdoc/deposit", "version": [1, 0], "files": files}, indent=1, ensure_ascii=False)
    beside = archive.with_name(f".{archive.name}.part")
    with zipfile.ZipFile(beside, "w") as written:
        for name, content in {MANIFEST: f"{manifest}\n".encode(), **contents}.items():
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.external_attr, entry.create_system = _MODE << 16, 3  # as Unix says it, on every machine
            written.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=9)
    os.replace(beside, archive)  # noqa: PTH105 - one step, also over a file that is there
    return files


def _described(name: str, content: bytes) -> dict[str, object]:
    suffix = Path(name).suffix.lower()
    kind = _TYPES.get(suffix) or _KNOWN.guess_type(name)[0] or "application/octet-stream"
    return {"path": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "type": kind}
