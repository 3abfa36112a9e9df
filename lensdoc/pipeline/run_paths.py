"""Names of runs, and paths that runs.yml gives: what may stand there, and that no file belongs to two runs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from lensdoc.core.errors import RunError
from lensdoc.pipeline.locks import file_name
from lensdoc.pipeline.project import Project

LONGEST = 200
"""Characters of the name of a run or of a record: names of files have at most 255, with what is put before and behind."""
_RUN_NAME = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
_Placed = tuple[str, Sequence[str], str]
"""Name of a run, its records, and where runs.yml declares it."""


def check_name(name: str, where: str) -> None:
    """See that a run's name can be the name of a folder, and of a file.

    Raises:
        RunError: It cannot.
    """
    if not _RUN_NAME.fullmatch(name) or {".", ".."} & set(name.split("/")):
        raise RunError(f"{where}: a name has letters, digits, '.', '_' and '-', in segments parted by '/'; it is {name!r}")
    if len(file_name(name)) > LONGEST:
        raise RunError(
            f"{where}: the name of a run has at most {LONGEST} characters, each '/' counted as two; {name[:20]}... has "
            f"{len(file_name(name))}"
        )


def check_path(project: Project, relative: str, where: str) -> None:
    """See that a path leads to a place below `analyses/`.

    Raises:
        RunError: It does not, by itself or by a link.
    """
    if not relative.isprintable():
        raise RunError(f"{where}: {relative!r} holds a character that no path should")
    if PurePosixPath(relative).is_absolute() or ".." in PurePosixPath(relative).parts:
        raise RunError(
            f"{where}: {relative!r} lies outside analyses/, or names it; write a path that begins at analyses/, without '..'"
        )
    try:
        is_below = (project.analyses / relative).resolve().is_relative_to(project.analyses.resolve())
    except (OSError, RuntimeError) as error:  # links in a circle
        raise RunError(f"{where}: {relative!r} cannot be followed: {error}") from None
    if not is_below:
        raise RunError(f"{where}: {relative!r} lies outside analyses/: a link leads there; copy it into analyses/")


def check_links(paths: Iterable[Path], project: Project) -> None:
    """See that no link leads out of the folder of records, or out of `analyses/`: what is written there would not be published.

    Args:
        paths: Where a run writes.
        project: The article's project.

    Raises:
        RunError: One does.
    """
    root = project.root.resolve()
    for folder in (project.data, project.analyses):
        planned = Path(os.path.normpath(root / folder.relative_to(project.root)))
        if folder.resolve() != planned and not folder.resolve().is_relative_to(root):
            raise RunError(f"{folder} is a link out of the project, to {folder.resolve()}; put the folder itself there")
    for path in paths:
        within = next(folder for folder in (project.data, project.analyses) if path.is_relative_to(folder))
        if not path.resolve().is_relative_to(within.resolve()):
            raise RunError(f"{path} is, or lies in, a link out of {within}, to {path.resolve()}; take the link away")


def check_case(names: Iterable[str], what: str) -> None:
    """See that names differ in more than case.

    Raises:
        RunError: Two do not.
    """
    seen: dict[str, str] = {}
    for name in names:
        if name.lower() in seen:
            raise RunError(f"{what} {seen[name.lower()]!r} and {name!r} are one file or folder on a disk that is blind to case")
        seen[name.lower()] = name


def check_places(runs: Sequence[_Placed], project: Project) -> None:
    """See that no file belongs to two runs, and that none is a folder of another run, on any disk.

    Raises:
        RunError: One does, or is.
    """
    files: dict[str, str] = {}
    names: set[str] = set()
    for name, records, place in runs:
        if name in names:
            raise RunError(
                f"{place}: two runs are called {name!r}: a matrix names one of them; rename an entry, or give it `name`"
            )
        names.add(name)
        for path in _files(name, records, project):
            other = files.setdefault(path.lower(), name)
            if other != name:
                both = f"runs {other!r} and {name!r} are one file or folder"
                raise RunError(f"{place}: {both} on a disk that is blind to case: {path}")
    for name, _, place in runs:
        for folder in _folders(name, project):
            if folder.lower() in files:
                other = files[folder.lower()]
                raise RunError(f"{place}: run {name!r} needs the folder {folder}, which is a file of run {other!r}")


def _files(run: str, records: Iterable[str], project: Project) -> list[str]:
    published = [f"{project.data_name}/{run}/{record}.json" for record in records]
    return [f"analyses/executed/{run}.ipynb", f".lensdoc/failed/{file_name(run)}.ipynb", *published]


def _folders(run: str, project: Project) -> list[str]:
    parts = run.split("/")
    above = ["/".join(parts[:i]) for i in range(1, len(parts))]
    return [f"{project.data_name}/{name}" for name in (*above, run)] + [f"analyses/executed/{name}" for name in above]
