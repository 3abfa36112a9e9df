"""What the workers of a cluster must be and offer: this lensdoc, this folder, and the resources that runs ask for."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path

from distributed import Client, Worker

from lensdoc.core.errors import RunError
from lensdoc.pipeline.job import Job
from lensdoc.pipeline.key import code_components, computing_sources, digest
from lensdoc.pipeline.libraries import LIBRARIES, installed_versions
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.runs import Run

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_EVERYWHERE = ("tcp://0.0.0.0:", "tcp://[::]:", "ws://0.0.0.0:", "ws://[::]:")
Offers = list[Mapping[str, float]]
"""What each worker offers."""


def offers(client: Client) -> Offers:
    """What the workers that are there offer."""
    return [worker["resources"] for worker in client.scheduler_info()["workers"].values()]


def offered(run: Run, by: Offers) -> bool:
    """Whether some worker offers what a run asks for."""
    return any(all(worker.get(name, 0) >= amount for name, amount in run.resources.items()) for worker in by)


def lacking(run: Run, by: Offers, address: str) -> str:
    """Why no worker can take up a run, and the cure."""
    others = sorted({_shown(worker) or "nothing" for worker in by})
    return (
        f"no worker of the cluster offers {_shown(run.resources)}, which `resources` in runs.yml asks for "
        f"(they offer: {'; '.join(others)}); {cure(run, address)}"
    )


def cure(run: Run, address: str) -> str:
    """How to start a worker that can take up a run."""
    return f"start one: {start_worker(address, run.resources)}"


def start_worker(address: str, resources: Mapping[str, float] | None = None) -> str:
    """The command that starts a worker which listens to no more than it must: without `--host` it listens to every network."""
    protocol, _, place = address.strip().rpartition("://")
    host, tls = place.rpartition(":")[0], "tls://" if protocol == "tls" else ""
    asked = f' --resources "{_shown(resources)}"' if resources else ""
    if host.strip("[]") in _LOOPBACK:
        return f"dask worker {address} --host {tls + host if tls else host.strip('[]')}{asked}"
    across = "" if tls else "; across machines use TLS, see the guide on clusters"
    return f"dask worker {address} --host {tls}ADDRESS{asked}, with that machine's address in the network of the cluster{across}"


def exposed(client: Client) -> list[str]:
    """A line for each worker that whoever reaches its machine can have run any code: it listens on all addresses, without TLS."""
    answers = client.run(_listening, on_error="return")
    return [
        f"worker {worker} listens on all addresses of its machine, without TLS: whoever reaches it can run code there; "
        "start it with --host, and across machines with TLS, see the guide on clusters"
        for worker, answer in sorted(answers.items())
        if isinstance(answer, list) and any(address.startswith(_EVERYWHERE) for address in answer)
    ]


def _listening(dask_worker: Worker) -> list[str]:
    """Executed on a worker: the addresses on which it listens."""
    return [listener.listen_address for listener in dask_worker.listeners]


@contextmanager
def shared(project: Project, session: str) -> Iterator[None]:
    """Leave a mark in the project's folder by which a worker knows that it sees this very folder."""
    mark = _mark(project, session)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)


def check(client: Client, project: Project, session: str) -> None:
    """Ask all workers whether they can do jobs of this session.

    Raises:
        RunError: One of them cannot; the message says which, and why.
    """
    answers = client.run(_problem, str(project.root), session, about_here(), on_error="return")
    problems = {worker: _told(answer) for worker, answer in sorted(answers.items()) if not isinstance(answer, OSError)}
    unfit = [f"worker {worker}: {problem}" for worker, problem in problems.items() if problem]
    if unfit:
        raise RunError("nothing was executed, since the cluster has workers that will not do:\n  " + "\n  ".join(unfit))


def check_here(job: Job, about: dict[str, str]) -> None:
    """The same on a worker, which may have come since; `about` is what `about_here` said where the job was sent.

    Raises:
        RunError: This worker cannot do the job.
    """
    problem = _problem(job.root, job.session, about)
    if problem:
        raise RunError(f"run {job.run!r} failed: a worker that came later will not do: {problem}")


@cache
def about_here() -> dict[str, str]:
    """What must be the same on all machines, since the keys of runs hold it; libraries that are not here are left out."""
    return {
        "lensdoc": version("lensdoc"),
        "the code of lensdoc": digest(json.dumps(code_components(computing_sources())))[:8],
        "Python": f"{sys.version_info.major}.{sys.version_info.minor}",
        **installed_versions(LIBRARIES.values(), "minor"),
    }


def _problem(root: str, session: str, about: dict[str, str]) -> str:
    """Executed on a worker: why it cannot do jobs of a session, or nothing."""
    project = Project(Path(root))
    if not (project.root / "mkdocs.yml").is_file():
        return f"there is no {project.root / 'mkdocs.yml'} on it; all machines must see the project's folder at this one path"
    if not _mark(project, session).is_file():
        return f"{project.root} on it is another folder than here; all machines must share one"
    here = about_here()
    other = [
        f"{name} {here.get(name, 'missing')} where here is {there}" for name, there in about.items() if here.get(name) != there
    ]
    return f"it has {', '.join(other)}; install the same everywhere" if other else ""


def _told(answer: object) -> str:
    if not isinstance(answer, Exception):
        return str(answer)
    words = str(answer) if type(answer) is Exception else repr(answer)  # Dask puts the repr of some into an Exception
    return f"{words}; install the same lensdoc everywhere"


def _mark(project: Project, session: str) -> Path:
    return project.private / "cluster" / session


def _shown(resources: Mapping[str, float]) -> str:
    return ",".join(f"{name}={amount:g}" for name, amount in sorted(resources.items()))
