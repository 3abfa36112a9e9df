"""What is read from a file is kept as long as the file stays the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Read = TypeVar("Read")


def kept(read: Callable[[Path], Read]) -> Callable[[Path], Read]:
    """Keep what a function reads from a path until the file's time or size changes; pages of a site share it."""
    memory: dict[Path, tuple[tuple[int, int], Read]] = {}

    def reader(path: Path) -> Read:
        found = path.stat()
        state = (found.st_mtime_ns, found.st_size)
        if memory.get(path, (None,))[0] != state:
            memory[path] = (state, read(path))
        return memory[path][1]

    return reader
