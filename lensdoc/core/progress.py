"""What a run does at the moment, told to whoever waits for it: one small file, written now and then; outside of a run nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

OUT = "LENSDOC_OUT"
"""Environment variable of a run's kernel: the folder that `record.save` writes to."""
DOING = "run.doing"
"""Name of the file there: no name of a record has a dot."""
_PAUSE = 0.2
"""Seconds between two writings."""
_LONGEST = 60
"""Characters that are told."""
_last = [0.0]
_Part = TypeVar("_Part")


def doing(what: str, done: int | None = None, total: int | None = None) -> None:
    """Tell what is done now, and how much of it: `doing("saliency", 12, 40)`. Costs a look at the environment outside of a run.

    Args:
        what: A word or two.
        done: How many parts of it are done.
        total: How many parts there are.
    """
    out = os.environ.get(OUT)
    if out is None or (done and time.monotonic() - _last[0] < _PAUSE):
        return
    _last[0] = time.monotonic()
    count = "" if total is None else f" {done or 0} of {total}"
    try:
        (Path(out) / DOING).write_text(what[:_LONGEST] + count, encoding="utf-8")
    except OSError:  # a full disk ends the run where something matters
        return


def each(what: str, parts: Sequence[_Part]) -> Iterator[_Part]:
    """The parts one after the other; before each of them it is told how many are done, as `doing` tells it.

    Args:
        what: A word or two.
        parts: What is worked on, in order.
    """
    for done, part in enumerate(parts):
        doing(what, done, len(parts))
        yield part
