"""Kinds of records and figures that installed packages bring, by entry points.

The entry points `lensdoc.records` name the class of a kind's records, `lensdoc.explorables` its `Explorable`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from lensdoc.core.errors import LensdocError

RECORDS, EXPLORABLES = "lensdoc.records", "lensdoc.explorables"
GROUPS = (RECORDS, EXPLORABLES)


@cache
def _entries(group: str) -> dict[str, list[EntryPoint]]:
    """Entry points of a group by kind; reading all installed packages takes some milliseconds, once."""
    found: dict[str, list[EntryPoint]] = {}
    for entry in entry_points(group=group):
        if entry not in found.setdefault(entry.name, []):
            found[entry.name].append(entry)
    return found


def forget() -> None:
    """Read the installed packages anew when they are next asked for."""
    _entries.cache_clear()


def kinds(group: str) -> Collection[str]:
    """The kinds that packages bring to a group."""
    return _entries(group).keys()


def load(group: str, kind: str, error: type[LensdocError]) -> object:
    """What a package has registered for a kind.

    Args:
        group: Which of the groups.
        kind: One of its kinds.
        error: Type of the error that is raised.

    Raises:
        LensdocError: Two packages have the kind, or its package cannot be loaded; the message names them.
    """
    entries = _entries(group)[kind]
    if len(entries) > 1:
        packages = " and ".join(sorted(map(package, entries)))
        raise error(f"the kind {kind!r} is registered by {packages}; uninstall one of them")
    try:
        return entries[0].load()
    except Exception as wrong:  # whatever the code of a package raises
        told = f"{type(wrong).__name__}: {wrong}"
        raise error(f"the kind {kind!r} is registered by {package(entries[0])}, which cannot be loaded: {told}") from wrong


def package_of(group: str, kind: str) -> str:
    """Name and version of the package that has a kind."""
    return package(_entries(group)[kind][0])


def package(entry: EntryPoint) -> str:
    """Name and version of the package that an entry point belongs to."""
    return f"the package {entry.dist.name} {entry.dist.version}" if entry.dist else f"an unknown package ({entry.value})"


def conflicts(own: Collection[str]) -> Iterator[str]:
    """A line for each name that packages have registered and that is taken.

    Args:
        own: The kinds of lensdoc itself.
    """
    for group in GROUPS:
        for kind, entries in _entries(group).items():
            packages = " and ".join(sorted(map(package, entries)))
            if kind in own:
                yield f"the kind {kind!r} is one of lensdoc itself; that of {packages} is not used: its author must rename it"
            elif len(entries) > 1:
                yield f"the kind {kind!r} is registered by {packages}; uninstall one of them"
