"""The site that is deposited: built for it, or one that is there and no older than what it was built from."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path

from lensdoc.core.errors import PublishError
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.site import read_site
from lensdoc.pipeline.status import FRESH, status

_SHOWN_LINES = 15
"""Last lines of a build that failed."""


def check_fresh(project: Project) -> None:
    """See that the data are those of the runs as they stand.

    Raises:
        PublishError: A run is not fresh.
    """
    if stale := [found for found in status(project) if found.word != FRESH]:
        raise PublishError(f"run {stale[0].name} is {stale[0].word}: {stale[0].why}; execute it before you deposit: lensdoc run")


def build(project: Project, target: Path, day: date) -> None:
    """Build the site with MkDocs into a folder, strictly and without executing runs.

    Args:
        project: The article's project.
        target: The folder.
        day: What the site map says as the day of its build, so that the same article gives the same files.

    Raises:
        PublishError: The build fails.
    """
    at = datetime.combine(day, time(), UTC)
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(int(at.timestamp())), "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(target)]
    done = subprocess.run(  # noqa: S603 - MkDocs of this environment
        command, cwd=project.root, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        told = "\n".join((done.stderr or done.stdout).strip().splitlines()[-_SHOWN_LINES:])
        raise PublishError(f"the site does not build, so nothing was deposited:\n{told}")


def check_site(project: Project, site: Path) -> None:
    """See that a site is there and no older than its sources.

    Raises:
        PublishError: It is no built site, or a source is newer.
    """
    index = site / "index.html"
    if not index.is_file():
        raise PublishError(f"{site} is no built site, it has no index.html; build it, or leave --site out: MkDocs then builds it")
    built = index.stat().st_mtime
    pages = project.root / read_site(project.root / "mkdocs.yml").docs
    for path in (project.root / "mkdocs.yml", project.lock_file, *sorted(pages.rglob("*"))):
        if path.is_file() and path.stat().st_mtime > built:
            name = path.relative_to(project.root).as_posix()
            raise PublishError(f"{site} is older than {name}: build it again, or leave --site out: MkDocs then builds it")
