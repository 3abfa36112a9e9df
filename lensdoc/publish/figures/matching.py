"""The records that a pattern stands for, in tables and in a reader's choice: those that runs declare, and all that are there."""

from __future__ import annotations

import re
from collections.abc import Callable

from lensdoc.core.errors import PublishError
from lensdoc.publish.state.page import PageState
from lensdoc.records.record import Record

Complain = Callable[[str], None]


def known_names(page: PageState) -> list[str]:
    """Names of records: those that runs declare in the order of runs.yml, whether or not they are there, then all others.

    Args:
        page: The page, which knows the build.
    """
    page.build.freshness_of("")  # finds what runs declare, where no plugin did
    return list(dict.fromkeys([*(page.build.freshness or {}), *sorted(page.build.names(), key=natural)]))


def without_gone(names: list[str], page: PageState, complain: Complain) -> list[str]:
    """The names without records whose run is gone: a renamed run leaves its data behind, which would stand beside the new ones.

    Args:
        names: Those that fit the pattern.
        page: The page, which knows the build.
        complain: Receives each that is left out.
    """
    gone = [name for name in names if page.build.freshness_of(name).gone]
    for name in gone:
        complain(
            f"{name!r} was made by a run that analyses/runs.yml no longer has, and is left out here; "
            "give the run its name back, or delete its data, which lensdoc status lists"
        )
    return [name for name in names if name not in gone]


def read_there(names: tuple[str, ...], page: PageState, complain: Complain) -> dict[str, Record]:
    """The records that are there, by name.

    Args:
        names: Their names.
        page: The page, which knows the build.
        complain: Receives each that a run declares and has not made.

    Raises:
        PublishError: No record is there, or a name is that of no record.
        DataError: A file breaks the format.
    """
    found: dict[str, Record] = {}
    for name in names:
        try:
            found[name] = page.record(name)
        except PublishError as error:
            if not page.build.is_declared(name):
                raise
            complain(str(error))
    if not found:
        raise PublishError(f"none of the records {', '.join(names)} is there")
    return found


def natural(name: str) -> list[tuple[int, float, str]]:
    """Sorts `seed-2` before `seed-10`."""
    return [(0, float(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", name)]
