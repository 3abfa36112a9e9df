"""Runs on a Dask cluster: its workers see the project in a folder that all machines share, at one path, and publish to it."""

from __future__ import annotations

import atexit
import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

from distributed import Client
from distributed.scheduler import KilledWorker

from lensdoc.core.errors import RunError
from lensdoc.pipeline import nodes
from lensdoc.pipeline.failure import Failure, RunFailed
from lensdoc.pipeline.job import Job, Receipt
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.run import Outcome, Report, collect
from lensdoc.pipeline.runs import Run
from lensdoc.pipeline.workers import Workers

_TIMEOUT = "10s"
_LOOKS = 2.0
"""Seconds between looks at the workers that are left."""
_SENT = 3
"""Times that a run is sent at most: Dask gives up what was queued on four lost workers, even if none of them had begun it."""


def execute_on_cluster(  # noqa: PLR0913 - as `execute_runs`
    runs: list[Run], project: Project, report: Report, address: str, *, force: bool = False, warn: Callable[[str], None] = print
) -> Outcome:
    """Execute runs on the workers of a Dask scheduler; arguments as for `execute_runs`; `warn` is told of workers in the open.

    A run whose worker is lost is taken up by another once. Raised errors are not tried again.

    Raises:
        RunError: Nobody answers at the address, a worker will not do, or Ctrl-C: runs that have begun then end where they are.
    """
    _quiet()
    session = uuid.uuid4().hex
    unfinished = {run.name: run for run in runs}
    with _connected(address) as client, nodes.shared(project, session):
        offers = nodes.offers(client)  # none where workers come with the runs that wait for them
        nodes.check(client, project, session)
        for line in nodes.exposed(client):
            warn(line)
        executor = client.get_executor(pure=False)

        def submit(run: Run) -> Future[Receipt]:
            told: Future[Receipt] = Future()
            told.add_done_callback(lambda _: unfinished.pop(run.name))
            if not offers or nodes.offered(run, offers):
                job = Job(str(project.root), run.name, force=force, session=session)
                _send(
                    partial(executor.submit, _do, job.data(), nodes.about_here(), resources=run.resources or None),
                    run.name,
                    address,
                    told,
                )
            else:
                told.set_exception(RunError(f"run {run.name!r} failed: {nodes.lacking(run, offers, address)}"))
            return told

        with _watch(client, address, report, unfinished):
            try:
                return collect(runs, submit, report)
            except KeyboardInterrupt:
                raise RunError(
                    "interrupted; runs that workers of the cluster have begun go on there and are put in place when they end, "
                    "the others do not begin; former results are untouched"
                ) from None


def _quiet() -> None:
    """What is lost is told run by run; Dask would tell it too, with tracebacks, and sets the level of each of its loggers."""
    for name in [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL)


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    try:
        client = Client(address, timeout=_TIMEOUT)
    except (OSError, ValueError, TypeError) as error:
        raise RunError(
            f"no Dask scheduler answers at {address!r} ({error}); start one: dask scheduler --host 127.0.0.1 --port 8786, and "
            "workers: dask worker tcp://127.0.0.1:8786 --host 127.0.0.1; across machines use TLS (tls://), whose certificates "
            "are needed here too: see the guide on clusters"
        ) from None
    with client:
        yield client


def _send(submit: Callable[[], Future[Receipt]], run: str, address: str, told: Future[Receipt], times: int = 1) -> None:
    """Submit a run, and pass its outcome on: with a lost scheduler, or workers lost again and again, as the run's failure."""

    def pass_on(done: Future[Receipt]) -> None:
        try:
            told.set_result(done.result())
        except KilledWorker:
            if times < _SENT:
                _send(submit, run, address, told, times + 1)
            else:
                told.set_exception(_lost(run, "every worker that took it up was lost"))
        except CancelledError:
            told.set_exception(_lost(run, f"the scheduler at {address} was lost; what was finished is kept, run again"))
        except ImportError as error:
            told.set_exception(RunError(f"run {run!r} failed: a worker cannot import lensdoc: {error}"))
        except BaseException as error:  # noqa: BLE001 - whatever it is belongs to whoever waits
            told.set_exception(error)

    submit().add_done_callback(pass_on)


def _lost(run: str, how: str) -> RunFailed:
    return RunFailed(Failure(run, "process", f"run {run!r} failed: {how}"))


@contextmanager
def _watch(client: Client, address: str, report: Report, unfinished: dict[str, Run]) -> Iterator[None]:
    """Say of runs that no worker is left for them, since Dask waits for one without a word."""
    ended = threading.Event()

    def look() -> None:
        told: set[str] = set()
        while not ended.wait(_LOOKS):
            try:
                offers = nodes.offers(client)
            except (OSError, RuntimeError):  # the scheduler is lost, or the client closes
                return
            lost = {name: run for name, run in list(unfinished.items()) if not nodes.offered(run, offers)}
            for name in sorted(lost.keys() - told):
                report.happened(name, {"waits": f"the cluster has no worker for it; {nodes.cure(lost[name], address)}"})
            told = set(lost)

    thread = threading.Thread(target=look, name="lensdoc-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _do(job: dict[str, Any], about: dict[str, str]) -> Receipt:
    """On a worker: its own warm process does the job."""
    asked = Job(**job)
    nodes.check_here(asked, about)
    return _workers().do(asked, lambda _: None)


@cache
def _workers() -> Workers:
    workers = Workers()
    atexit.register(workers.close)
    return workers
