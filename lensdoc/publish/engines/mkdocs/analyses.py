"""The runs of an article, kept up to date from build to build."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import NamedTuple

from lensdoc.core.errors import RunError
from lensdoc.pipeline.key import computing_sources, digest, static_components
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.run import Lines, can_execute, execute_runs
from lensdoc.pipeline.runs import Run
from lensdoc.pipeline.status import FRESH, Status, status
from lensdoc.pipeline.workers import Workers
from lensdoc.publish.state.freshness import not_fresh

log = logging.getLogger("mkdocs.plugins.lensdoc")


class Updated(NamedTuple):
    """What an update found and did."""

    states: list[Status]
    """Of all runs, afterwards."""
    written: list[Path]
    """Files that were written, or may have been."""


class Analyses:
    """Executes stale runs before a build, in processes that stay warm until the next; warns of what is not fresh."""

    def __init__(self) -> None:
        """Nothing is started yet."""
        self._workers = Workers()
        self._failed: dict[str, str] = {}
        """Runs that failed, with the hash of what they were made from."""

    def update(self, project: Project, *, execute: bool) -> Updated:
        """Execute stale runs if that is wanted and can be done here, and warn of each run that is not fresh then.

        A run that failed is executed again only once something that it is made from has changed: else every edit of a page would
        wait for it.

        Raises:
            RunError: `runs.yml`, a notebook or the lock cannot be read.
        """
        found = status(project)
        stale = [state.run for state in found if state.word != FRESH]
        written: list[Path] = []
        if stale and execute and can_execute():
            made_from = {run.name: _made_from(run, project) for run in stale}
            tried = [run for run in stale if self._failed.get(run.name) != made_from[run.name]]
            if tried:
                for failure in execute_runs(tried, project, Lines(log.info), workers=self._workers).failures:
                    log.warning(str(failure))
                found = status(project)
                written = [project.lock_file, *(path for run in tried for path in _outputs(run, project))]
            self._failed = {
                state.name: made_from[state.name] for state in found if state.word != FRESH and state.name in made_from
            }
        self._warn(found)
        return Updated(found, written)

    def warm(self) -> None:
        """Import the libraries in the background, for the runs to come."""
        if can_execute():
            self._workers.warm()

    def close(self) -> None:
        """End all processes."""
        self._workers.close()

    def _warn(self, found: list[Status]) -> None:
        for state in found:
            if state.word != FRESH:
                cure = (
                    "execute it: "
                    if state.name not in self._failed
                    else ("it failed, and is executed again when its notebook, parameters or inputs change, or by ")
                )
                log.warning(not_fresh(state, cure))


def check_data_folder(project: Project, data: Path) -> None:
    """See that runs write where pages read: MkDocs can be told another folder than `mkdocs.yml` says, by a second file or a hook.

    Args:
        project: The article's.
        data: The folder from which pages read records.

    Raises:
        RunError: They are two folders.
    """
    if project.data.resolve() != data.resolve():
        raise RunError(
            f"pages read records from {data}, and runs write them to {project.data}, as mkdocs.yml says; set `docs_dir` or the "
            "extension's option `data` there, in the file that MkDocs builds from"
        )


def _outputs(run: Run, project: Project) -> list[Path]:
    return [*run.outputs(project).values(), run.executed_notebook(project)]


def _made_from(run: Run, project: Project) -> str:
    """Hash of all that an author can change to make a failed run succeed."""
    parts = [static_components(run, project.analyses), computing_sources(), run.records, run.timeout, run.resources]
    return digest(json.dumps(parts, sort_keys=True))
