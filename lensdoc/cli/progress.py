"""How far the runs are: bars on a terminal, plain lines otherwise."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from lensdoc.pipeline.job import Receipt
from lensdoc.pipeline.run import Lines, Report, outcome

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bars:
    """A bar for each run, and one for all of them."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._all: TaskID | None = None

    def begin(self, runs: Iterable[str]) -> None:
        """Show the number of runs; a run's own bar comes with its first cell."""
        self._all = self._bars.add_task("runs", total=len(list(runs)))

    def happened(self, run: str, event: Mapping[str, Any]) -> None:
        """Move the bar of a run."""
        if run not in self._tasks:
            self._tasks[run] = self._bars.add_task(run, total=None)
        if "waits" in event:
            self._bars.update(self._tasks[run], description=f"{run}: {event['waits']}; waiting")
        elif "doing" in event:
            self._bars.update(self._tasks[run], description=f"{run}: {event['doing']}")
        else:
            self._bars.update(self._tasks[run], description=run, total=event["cells"], completed=event["done"])

    def ended(self, run: str, receipt: Receipt | None) -> None:
        """Leave one line of the run behind."""
        if run in self._tasks:
            self._bars.remove_task(self._tasks.pop(run))
        self._bars.console.print(f"{run}: {outcome(receipt)}", highlight=False, markup=False)
        if self._all is not None:
            self._bars.advance(self._all)


@contextmanager
def progress() -> Iterator[Report]:
    """A report for the terminal or the log that standard output is."""
    if not sys.stdout.isatty():
        yield Lines(click.echo)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, transient=True) as bars:
        yield Bars(bars)
