"""`mkdocs serve` builds again when a file holds something else than the last build saw, and only then.

MkDocs builds again after any event below a watched folder: also after what runs write during a build, after what editors write
beside a file, and after a file is saved unchanged.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import cast

from mkdocs.livereload import LiveReloadServer

log = logging.getLogger("mkdocs.plugins.lensdoc")

_PASSING = ("*~", "#*#", ".#*", ".~*", ".*.sw?", ".*.part", "4913", "*.tmp", "*.crswap")
"""Files that editors, Jupyter and lensdoc write beside those they are going to replace."""
_PRIVATE = {".git", ".ipynb_checkpoints", ".lensdoc", "__pycache__"}
"""Folders that hold nothing of a site."""


class Contents:
    """What the files below some folders hold, and what they held when a build began."""

    def __init__(self) -> None:
        """No folder is known yet."""
        self._roots: set[Path] = set()
        self._seen: dict[Path, bytes] = {}
        self._hashes: dict[Path, tuple[tuple[int, ...], bytes]] = {}
        """File to its facts (size, times and the like) and the hash of its content then."""

    def add(self, paths: Iterable[str | Path]) -> None:
        """Look at these folders and files too, from now on."""
        new = {Path(path).resolve() for path in paths} - self._roots
        self._roots |= new
        self._seen |= self._found(new)

    def begin(self) -> None:
        """A build begins: it will see what the files hold now, or what they hold later."""
        self._seen = self._found(self._roots)

    def written(self, paths: Iterable[Path]) -> None:
        """The build has written these files itself, before it reads them."""
        for path in paths:
            self._seen.pop(path, None)
            self._seen |= self._found([path])

    def changed(self) -> bool:
        """Whether a file holds something that the last build did not see."""
        return self._found(self._roots) != self._seen

    def _found(self, roots: Iterable[Path]) -> dict[Path, bytes]:
        return {path: content for root in roots for path in _files(root) if (content := self._hash(path))}

    def _hash(self, path: Path) -> bytes | None:
        try:
            stat = path.stat()
            facts = (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
            if self._hashes.get(path, (None,))[0] != facts:
                self._hashes[path] = facts, hashlib.sha256(path.read_bytes()).digest()
        except OSError:  # gone again, or unreadable
            return None
        return self._hashes[path][1]


class ContentServer(LiveReloadServer):
    """The server of `mkdocs serve`; an event asks for a build, and contents say whether there will be one."""

    contents: Contents
    _told = False
    serving: threading.Event

    @classmethod
    def adopt(cls, server: LiveReloadServer, contents: Contents) -> LiveReloadServer:
        """Make a server that MkDocs made one of these; what changed since the first build began is built first."""
        paths = list(server._watched_paths)  # noqa: SLF001 - a test holds MkDocs to it, as to the attribute below
        server.__class__ = cls
        own = cast("ContentServer", server)
        own.contents = contents
        own.serving = threading.Event()
        contents.add(paths)
        own._want_rebuild = True  # noqa: SLF001
        return own

    def watch(self, path: str, func: None = None, *, recursive: bool = True) -> None:
        """Watch a file or folder.

        Args:
            path: The file or folder.
            func: None; MkDocs keeps the parameter for old plugins.
            recursive: Whether folders in it are watched too.
        """
        super().watch(path, func, recursive=recursive)
        self.contents.add([path])

    def serve_forever(self, poll_interval: float = 0.5) -> None:
        """Answer requests until `shutdown`, in the thread that MkDocs starts for it."""
        self.serving.set()
        super().serve_forever(poll_interval)

    def shutdown(self, wait: bool = False) -> None:  # noqa: FBT001, FBT002 - as MkDocs declares it
        """Stop, also when Ctrl-C comes while the thread that serves starts.

        MkDocs closes the socket at once when the thread isn't alive yet; the thread then fails with a traceback, or never ends.
        """
        if self.serve_thread in threading.enumerate():  # those that start are in it too
            self.serving.wait(timeout=1)
        super().shutdown(wait)

    # MkDocs sets and reads this attribute with its condition held: watching threads set it, the loop that builds reads it, and
    # unsets it when a build begins.
    @property
    def _want_rebuild(self) -> bool:
        if self._told and not self.contents.changed():
            log.debug("No file holds anything new")
            self._told = False
        return self._told

    @_want_rebuild.setter
    def _want_rebuild(self, wanted: bool) -> None:
        if not wanted:
            self.contents.begin()
        self._told = wanted


def _files(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
    for folder, folders, names in os.walk(root, followlinks=True):  # as MkDocs does
        folders[:] = [name for name in folders if name not in _PRIVATE]
        yield from (Path(folder, name) for name in names if not any(fnmatch(name, passing) for passing in _PASSING))
