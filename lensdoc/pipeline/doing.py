"""Reads what a run's kernel does at the moment, and tells it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lensdoc.core.progress import DOING

_LOOKS = 0.3
"""Seconds between two looks."""


@contextmanager
def told(out: Path, tell: Callable[[str], None]) -> Iterator[None]:
    """Tell what the kernel does whenever it is something else, from a thread of its own.

    Args:
        out: The folder in which the kernel notes it.
        tell: Receives it: `saliency 12 of 40`.
    """
    ended = threading.Event()

    def look() -> None:
        before = ""
        while not ended.wait(_LOOKS):
            now = _read(out / DOING)
            if now and now != before:
                tell(now)
                before = now

    thread = threading.Thread(target=look, name="lensdoc-doing", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
