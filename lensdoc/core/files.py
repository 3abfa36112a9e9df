"""Files put in place in one step: readers see the former file or the new one, never a part."""

from __future__ import annotations

import errno
import glob
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from lensdoc.core.errors import RunError

MAX_TEXT = 64_000_000
"""Bytes; a larger file of settings or cells is refused before it is read."""
_PART = ".part"
"""Ends the names of files that are being written; they begin with a dot, which hides them from MkDocs."""


def read_file(path: Path, *, follow: bool = True) -> bytes:
    """The content of a file; one that could be read without an end is refused: a pipe, a device, a very large file.

    Args:
        path: The file.
        follow: Whether it may be a link to a file.

    Raises:
        FileNotFoundError: There is no such file.
        RunError: It is no file, or larger than 64 MB.
    """
    if not follow and path.is_symlink():
        raise RunError(f"{path}: must be a file, and is a link")
    # Without O_NONBLOCK the opening of a pipe would wait for who writes to it.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise RunError(f"{path}: must be a file, and is {_kind(found.st_mode)}")
        if found.st_size > MAX_TEXT:
            raise RunError(f"{path}: has {found.st_size:,} bytes; at most {MAX_TEXT:,} are read")
        with os.fdopen(os.dup(handle), "rb") as file:
            return file.read()
    finally:
        os.close(handle)


def _kind(mode: int) -> str:
    kinds = {stat.S_ISFIFO: "a pipe (FIFO)", stat.S_ISDIR: "a folder", stat.S_ISSOCK: "a socket"}
    return next((name for is_kind, name in kinds.items() if is_kind(mode)), "a device")


def write_atomic(path: Path, content: bytes) -> None:
    """Write beside the target, flush to the disk, rename; an unchanged file is left alone."""
    write_all({path: content})


def write_all(files: Mapping[Path, bytes]) -> None:
    """Write files that belong together: all are on the disk beside their targets before the first is renamed.

    They are renamed in the order given, so that the last can vouch for the others.

    Raises:
        OSError: Something could not be written; the former files are in their places, but for those that a note of the error
            names: the disk took nothing any more.
    """
    former = {path: path.read_bytes() if path.is_file() else None for path in files}
    staged: dict[Path, Path] = {}
    placed: list[Path] = []
    try:
        for path, content in files.items():
            if former[path] != content:
                staged[path] = _stage(path, content)
        for path, temporary in staged.items():
            temporary.replace(path)
            placed.append(path)
        for folder in {path.parent for path in staged}:
            _flush_folder(folder)
    except BaseException as error:
        lost = [str(path) for path in placed if not _restored(path, former[path])]
        if lost:
            error.add_note(f"could not be put back as it was: {', '.join(lost)}")
        for temporary in staged.values():
            _remove(temporary)
        raise


def check_writable(path: Path) -> None:
    """Raise an `OSError` when nothing can be written where a file is to be: before hours are spent on its content."""
    folder = next(folder for folder in path.parents if folder.exists())
    try:
        for name in (path, folder / f".{path.name}.12345678{_PART}"):
            with suppress(FileNotFoundError):
                name.lstat()  # what is too long is told, there or not
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:  # names a file that nobody knows
        where = path if error.errno == errno.ENAMETOOLONG else folder
        raise OSError(error.errno, error.strerror, str(where)) from None
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))


def sweep(folder: Path, names: Iterable[str]) -> None:
    """Remove what writers of these files that died left in a folder; nobody else may be writing them."""
    for name in names:
        for temporary in folder.glob(f".{glob.escape(name)}.*{_PART}"):
            _remove(temporary)


def _stage(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=_PART)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
    except BaseException as error:
        if temporary:
            _remove(temporary)
        if isinstance(error, OSError):  # names the temporary file, or none
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise
    return temporary


def _restored(path: Path, content: bytes | None) -> bool:
    try:
        if content is None:
            path.unlink(missing_ok=True)
        else:
            _stage(path, content).replace(path)
    except OSError:
        return False
    return True


def _remove(temporary: Path) -> None:
    """Another time if not now: the next writer of the file sweeps."""
    with suppress(OSError):
        temporary.unlink()


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows flushes no folders
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
