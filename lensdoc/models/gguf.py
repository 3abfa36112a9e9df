"""A .gguf file as a model's folder: converted once, by transformers' own reader, into a cache that its content names."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp

import psutil
from filelock import FileLock
from platformdirs import user_cache_dir

from lensdoc.core.errors import ModelError
from lensdoc.core.messages import sentence
from lensdoc.core.model_files import content_revision
from lensdoc.models.gguf_header import Header, read_header

CONVERTER = 2
"""Raised when what a conversion writes changes."""
_DONE = ".converted.json"
"""Written last; says what the folder's files are, so that a damaged copy is made anew."""


def converted(path: Path, label: str) -> tuple[Path, str]:
    """The folder with a .gguf file's weights in float32, its configuration and tokenizer; and the file's revision.

    The cache lies where the variable LENSDOC_CACHE says, else in the user's own folder of caches.

    Raises:
        ModelError: The libraries that read the format are not installed, the file is damaged or of a kind that transformers does
            not read, or memory or disk do not hold the converted weights.
    """
    header = read_header(path, label)
    revision = content_revision(path)
    folder = _place(revision)
    with _lock(folder):
        if not _is_whole(folder):
            _check_room(header, folder, label)
            _convert(path, folder, header, label)
            if _revision(path) != revision:
                shutil.rmtree(folder)
                raise ModelError(f"{label!r} changed while it was converted; load it again once it is whole")
    return folder, revision


def cache_folder() -> Path:
    """Where converted models are kept; any of it may be deleted, and is made anew when it is needed."""
    return Path(os.environ.get("LENSDOC_CACHE") or user_cache_dir("lensdoc", appauthor=False))


def _place(revision: str) -> Path:
    """Another transformers may read the file in another way, so its version counts too."""
    made_by = f"{CONVERTER} {version('transformers')} {_version_of_reader()}"
    key = hashlib.sha256(f"{revision} {made_by}".encode()).hexdigest()[:32]
    return cache_folder() / "gguf" / key


def _version_of_reader() -> str:
    missing = [name for name in ("gguf", "accelerate") if find_spec(name) is None]
    if missing:
        raise ModelError(f"reading .gguf files takes {' and '.join(missing)}, not installed here: pip install 'lensdoc[gguf]'")
    return version("gguf")


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Processes that want the same model wait for the one that converts it."""
    lock = FileLock(f"{folder}.lock")
    with _in_cache():
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _in_cache() -> Iterator[None]:
    """What is done with the cache's own files, and nothing else."""
    try:
        yield
    except OSError as error:
        raise ModelError(
            f"the cache of converted models cannot be written ({sentence(error)}); name another folder in LENSDOC_CACHE"
        ) from None


def _revision(path: Path) -> str | None:
    """None where the file can no longer be read."""
    try:
        return content_revision(path)
    except OSError:
        return None


def _is_whole(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / _DONE).read_text(encoding="utf-8"))["content"] == content_revision(folder))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _check_room(header: Header, folder: Path, label: str) -> None:
    needed = 4 * header.weights
    free = psutil.virtual_memory().available
    if 2 * needed > free:  # dequantised once, and once more while it is put in place
        raise ModelError(
            f"{label!r} holds {header.weights:,} weights; converting them takes {2 * needed / 1e9:.1f} GB of memory, of which "
            f"{free / 1e9:.1f} GB are free. Close what holds the rest, or take a smaller model"
        )
    with _in_cache():
        left = shutil.disk_usage(folder.parent).free
    if left < 1.1 * needed:
        raise ModelError(
            f"{label!r} takes {needed / 1e9:.1f} GB as float32, and the cache's disk has {left / 1e9:.1f} GB left; name a folder "
            "on another disk in LENSDOC_CACHE"
        )


def _convert(path: Path, folder: Path, header: Header, label: str) -> None:
    """In a process of its own: a file made to harm ends it and nothing else, and its memory is given back."""
    shutil.rmtree(folder, ignore_errors=True)
    with _in_cache():
        work = Path(mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        made = work / "made"
        with _in_cache():
            made.mkdir()
            alone = _alone(path, work)
        command = [sys.executable, "-P", "-m", "lensdoc.models.gguf_convert", str(alone), str(made)]
        _run(command, 300 + header.weights / 2e5, label)
        with _in_cache():
            content = {"content": content_revision(made), "converter": CONVERTER}
            (made / _DONE).write_text(json.dumps(content), encoding="utf-8")
            made.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _alone(path: Path, work: Path) -> Path:
    """The file in a folder of its own, under the same name for every file.

    transformers also reads tokenizers, templates and adapters that lie beside a file; the hash that names the cache has none of
    them.
    """
    folder = work / "source"
    folder.mkdir()
    alone = folder / "model.gguf"
    try:
        alone.symlink_to(path.resolve())
    except OSError:  # Windows lets few users make links
        shutil.copyfile(path, alone)
    return alone


def _run(command: list[str], seconds: float, label: str) -> None:
    quiet = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}
    try:
        done = subprocess.run(  # noqa: S603 - this Python
            command, env=os.environ | quiet, capture_output=True, text=True, errors="replace", timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise ModelError(
            f"{label!r} was not converted within {seconds / 60:.0f} minutes; try again when the machine is less busy"
        ) from None
    except OSError as error:
        raise ModelError(
            f"{label!r} cannot be converted: Python cannot be started ({sentence(error)}); try again when fewer programs run"
        ) from None
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"its process ended with {done.returncode}"])[-1]
        raise ModelError(
            f"{label!r} cannot be converted: {sentence(ValueError(said))}. Fetch it anew, or another file of the model"
        )
