"""What a model's folder holds, checked before any of it is loaded: its configuration, its weights, its tokenizer's files.

Nothing is loaded that is not in safetensors or plain text, that lies outside the folder, or that has no bound on its size.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from lensdoc.core.errors import ModelError
from lensdoc.core.model_files import INDEX, WEIGHTS, indexed, is_hidden, lies_within

MAX_CONFIG = 8 * 2**20
"""Bytes of config.json and generation_config.json."""
MAX_TOKENIZER = 96 * 2**20
"""Bytes of a tokenizer's files together; the largest published ones have about 35 MB."""
_VOCABULARIES = ("tokenizer.json", "vocab*.json", "vocab*.txt", "merges*.txt", "*.model", "*.tiktoken")
TOKENIZER_FILES = (*_VOCABULARIES, "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.*")
_SUBFOLDER_TEMPLATES = "additional_chat_templates/*.jinja"


@dataclass(frozen=True)
class Folder:
    """A model's folder that passed the checks."""

    path: Path
    label: str
    """How messages name it: what the author gave."""
    config: dict[str, Any]
    generation: dict[str, Any]
    """Settings of generation; empty where the folder has none."""
    weights: dict[Path, list[str] | None]
    """File to the tensors that it must hold; None where no index says which."""
    tokenizer: list[Path]

    @property
    def has_vocabulary(self) -> bool:
        """Whether one of the tokenizer's files lists tokens."""
        return any(fnmatch(path.name, pattern) for path in self.tokenizer for pattern in _VOCABULARIES)

    def stamps(self) -> list[tuple[str, int, int]]:
        """Name, size and time of change of all files, to notice one that changes while the model is loaded."""
        paths = [*self.weights, *self.tokenizer, *(self.path / name for name in ("config.json", "generation_config.json", INDEX))]
        states = [(path, path.stat()) for path in paths if path.is_file()]
        return [(str(path), state.st_size, state.st_mtime_ns) for path, state in states]


def read_folder(path: Path, label: str) -> Folder:
    """Look at the files of a model's folder.

    Raises:
        ModelError: A file is missing, too large, malformed, a link to elsewhere, or no safetensors.
    """
    return Folder(
        path,
        label,
        read_object(path, "config.json", label),
        read_object(path, "generation_config.json", label, required=False),
        _weights(path, label),
        _tokenizer(path, label),
    )


def read_object(folder: Path, name: str, label: str, *, required: bool = True) -> dict[str, Any]:
    """The object in a JSON file of a model's folder; empty where the file is missing and need not be there.

    Raises:
        ModelError: The file is missing, too large, a link to elsewhere, no JSON object, or holds NaN.
    """
    path = folder / name
    if not path.is_file():
        if not required:
            return {}
        raise ModelError(f"the folder {label!r} has no {name}; `save_pretrained` of the model writes it")
    _check_place(folder, path, label)
    if path.stat().st_size > MAX_CONFIG:
        raise ModelError(f"{name} of {label!r} may have {MAX_CONFIG >> 20} MB, it has more; is it another file?")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{name} of {label!r} is no JSON ({error}); write it anew with `save_pretrained`") from None
    if not isinstance(content, dict):
        raise ModelError(f"{name} of {label!r} must be an object, it is a {type(content).__name__}; `save_pretrained` writes one")
    if place := _nan(content):
        raise ModelError(f"{name} of {label!r} has NaN at {place}, which is no number; write the value of the training there")
    return content


def _nan(value: object, place: str = "") -> str:
    """Where the first NaN stands; empty where there is none."""
    if isinstance(value, float) and math.isnan(value):
        return place
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return next((found for key, inner in items if (found := _nan(inner, f"{place}.{key}".lstrip(".")))), "")


def _weights(folder: Path, label: str) -> dict[Path, list[str] | None]:
    if (folder / WEIGHTS).is_file():
        _check_place(folder, folder / WEIGHTS, label)
        return {folder / WEIGHTS: None}
    if not (folder / INDEX).is_file():
        raise ModelError(
            f"the folder {label!r} has no weights in the format safetensors ({WEIGHTS}, or {INDEX} with its shards); "
            "`save_pretrained` writes them. Pickled weights are never loaded, for they can run code"
        )
    _check_place(folder, folder / INDEX, label)
    try:
        named = indexed(folder)
    except ValueError as error:
        raise ModelError(f"{INDEX} of {label!r} {error}; write it anew with `save_pretrained`") from None
    shards: dict[Path, list[str] | None] = {}
    for shard in sorted(set(named.values())):
        _check_shard(folder, shard, label)
        shards[folder / shard] = [tensor for tensor, file in named.items() if file == shard]
    if not shards:
        raise ModelError(f"{INDEX} of {label!r} names no tensor; write it anew with `save_pretrained`")
    return shards


def _check_shard(folder: Path, shard: str, label: str) -> None:
    if not shard.endswith(".safetensors"):
        raise ModelError(
            f"{INDEX} of {label!r} names {shard!r}, but weights are loaded from .safetensors alone: others can run code. "
            "Convert the model with `save_pretrained`"
        )
    if not lies_within(folder, shard):
        raise ModelError(
            f"{INDEX} of {label!r} names {shard!r}, which lies outside the folder; copy the shard into it and name it there"
        )
    if not (folder / shard).is_file():
        raise ModelError(f"{INDEX} of {label!r} names {shard!r}, which is missing; copy it there, or fetch the model anew")


def _tokenizer(folder: Path, label: str) -> list[Path]:
    patterns = (*TOKENIZER_FILES, _SUBFOLDER_TEMPLATES)
    # Hidden files are not part of the revision, so none may be loaded.
    found = sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file() and not is_hidden(path)})
    for path in found:
        _check_place(folder, path, label)
    if not found:
        raise ModelError(f"the folder {label!r} has no tokenizer; `save_pretrained` of the tokenizer writes one there")
    size = sum(path.stat().st_size for path in found)
    if size > MAX_TOKENIZER:
        raise ModelError(
            f"the tokenizer's files of {label!r} may have {MAX_TOKENIZER >> 20} MB together, they have {size >> 20}; "
            f"the largest is {max(found, key=lambda path: path.stat().st_size).name}. Is it another file?"
        )
    return found


def _check_place(folder: Path, path: Path, label: str) -> None:
    name = path.relative_to(folder).as_posix()
    if not lies_within(folder, name):
        raise ModelError(f"{name} of {label!r} is a link to a place outside the folder; put the file itself there")
