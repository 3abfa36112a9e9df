"""Which files a model is, and the revision that names their content: a component of the key, and read without torch."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path, PurePosixPath

_TINY = Path(__file__).parents[1] / "models" / "tiny"
BUNDLED = {
    "lensdoc/tiny": _TINY / "checkpoint",
    "lensdoc/tiny-masked": _TINY / "checkpoint_masked",
    "lensdoc/tiny-seq2seq": _TINY / "checkpoint_seq2seq",
}
"""Models that come with lensdoc, by name."""
WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
"""Names the shard of every tensor, where there are several files."""
MAX_INDEX = 64 * 2**20
"""Bytes; the index of the largest published models has about 10 MB."""


def local_source(name: str) -> Path | None:
    """The folder of a bundled model, a local folder, or a local .gguf file; None for a hub id."""
    if name in BUNDLED:
        return BUNDLED[name]
    try:
        path = Path(name)
        return path if path.is_dir() or (is_gguf(path) and path.is_file()) else None
    except (OSError, ValueError):  # a name that no file can have: too long, or with a NUL
        return None


def local_folder(name: str) -> Path | None:
    """The folder of a bundled model or of a local one; None for a file or a hub id."""
    path = local_source(name)
    return path if path and path.is_dir() else None


def is_gguf(path: Path) -> bool:
    """Whether the name says that the file is a model in the format GGUF."""
    return path.suffix.lower() == ".gguf"


def is_hidden(path: Path) -> bool:
    """Whether a file beside those of a model is none of them: its name begins with a full stop."""
    return path.name.startswith(".")


def content_revision(path: Path) -> str:
    """`sha256:` and a hash: of the content of a .gguf file, or over names and contents of the files that a folder's model is.

    These are all files that lie in the folder itself, and those in folders below it that are loaded too.
    """
    if path.is_file():
        return f"sha256:{_digest(path)}"
    total = hashlib.sha256()
    for name in sorted({*_beside(path), *_below(path)}):
        total.update(f"{name} {_digest(path / name)}\n".encode())
    return f"sha256:{total.hexdigest()}"


def indexed(folder: Path) -> dict[str, str]:
    """Tensor to file, as the index of a folder's shards has them.

    Raises:
        ValueError: There is no such index, or it is too large, no JSON, or no mapping of names to names.
    """
    path = folder / INDEX
    if not path.is_file():
        raise ValueError("is missing")
    if path.stat().st_size > MAX_INDEX:
        raise ValueError(f"is larger than {MAX_INDEX >> 20} MB")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is no JSON ({error})") from None
    named = content.get("weight_map") if isinstance(content, dict) else None
    if not isinstance(named, dict) or not all(isinstance(file, str) for file in named.values()):
        raise ValueError("has no weight_map of names of tensors to names of files")
    return named


def lies_within(folder: Path, name: str) -> bool:
    """Whether a name that an index gives leads to a place in the folder: no .., no absolute path, no link to elsewhere.

    In the hub's own cache files are links to its `blobs/`, which are part of the same download.
    """
    if not name or "\\" in name or ":" in name or "\0" in name or PurePosixPath(name).is_absolute() or ".." in name.split("/"):
        return False
    root, place = folder.resolve(), (folder / name).resolve()
    return place.is_relative_to(root) or (root.parent.name == "snapshots" and place.parent == root.parents[1] / "blobs")


def _beside(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_file() and not is_hidden(path)]


def _below(folder: Path) -> list[str]:
    """Files in subfolders that are loaded: shards that the index names, and chat templates."""
    try:
        shards = set(indexed(folder).values())
    except ValueError:  # loading says so; the index itself is hashed with the files beside it
        shards = set()
    named = [name for name in shards if lies_within(folder, name) and (folder / name).is_file()]
    templates = [path for path in (folder / "additional_chat_templates").glob("*.jinja") if not is_hidden(path)]
    return [PurePosixPath(name).as_posix() for name in named] + [f"additional_chat_templates/{path.name}" for path in templates]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
