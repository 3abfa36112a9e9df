"""Runs on a Dask cluster: its workers see the project in a folder that all machines share, at one path, and publish to it."""

from __future__ import annotations

import atexit
import logging
import uuid
from concurrent.futures import Future
from functools import cache
from typing import Any

from distributed import Client
from distributed.scheduler import KilledWorker

from lensdoc.pipeline.job import Job, Receipt
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.run import Outcome, Report, collect
from lensdoc.pipeline.runs import Run
from lensdoc.pipeline.workers import Workers
from lensdoc.records.errors import RunError

_TIMEOUT = "10s"


def execute_on_cluster(runs: list[Run], project: Project, report: Report, address: str, *, force: bool = False) -> Outcome:
    """Execute runs on the workers of a Dask scheduler; arguments as for `execute_runs`.

    A run whose worker is lost is taken up by another once. Raised errors are not tried again.

    Raises:
        RunError: Nobody answers at the address.
    """
    logging.getLogger("distributed").setLevel(logging.ERROR)  # what is lost is told run by run
    session = uuid.uuid4().hex
    try:
        client = Client(address, timeout=_TIMEOUT)
    except (OSError, ValueError) as error:
        raise RunError(
            f"no Dask scheduler answers at {address!r} ({error}); start one: dask scheduler --host 127.0.0.1, "
            f"and workers: dask worker {address}"
        ) from None
    with client:

        def submit(run: Run) -> Future[Receipt]:
            job = Job(str(project.root), run.name, force=force, session=session)
            executor = client.get_executor(pure=False, resources=run.resources or None)
            return _named(executor.submit(_do, job.data()), run.name)

        return collect(runs, submit, report)


def _do(job: dict[str, Any]) -> Receipt:
    """On a worker: its own warm process does the job."""
    return _workers().do(Job(**job), lambda _: None)


@cache
def _workers() -> Workers:
    workers = Workers()
    atexit.register(workers.close)
    return workers


def _named(future: Future[Receipt], run: str) -> Future[Receipt]:
    """The same future, with a lost scheduler or lost workers told as the run's failure."""
    told: Future[Receipt] = Future()

    def pass_on(done: Future[Receipt]) -> None:
        try:
            told.set_result(done.result())
        except KilledWorker:
            told.set_exception(RunError(f"run {run!r} failed: every worker that took it up was lost"))
        except BaseException as error:  # noqa: BLE001 - whatever it is belongs to whoever waits
            told.set_exception(error)

    future.add_done_callback(pass_on)
    return told
