"""How messages answer a name that is unknown."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache

_LISTED = 20
"""Names that a message lists: about one line of a terminal."""
_COMPARED = 200
"""Names of many that a name is compared with, in either order."""


def nearest(name: str, valid: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest valid ones, or all of them when none is near.

    >>> nearest("factor", ["factors", "sequence"])
    'did you mean factors? (valid: factors, sequence)'
    """
    names, _ = _in_order(tuple(valid))
    if not names:
        return "there are none yet"
    listing = ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "")
    close = near(name, names, most=3, similarity=0.6)
    return f"did you mean {' or '.join(close)}? (valid: {listing})" if close else f"valid: {listing}"


def near(name: str, names: Collection[str], most: int = 1, similarity: float = 0.8) -> list[str]:
    """The names that are near to another, the nearest first.

    Comparing is slow: of more than 400 names those are compared that begin or end most as the name does, so that what unknown
    names cost does not grow with the number of names.

    Args:
        name: The name that is unknown.
        names: The names there are.
        most: How many are returned at most.
        similarity: How alike they must be: the `ratio` of `difflib`, from 0 to 1.
    """
    return get_close_matches(name, _candidates(name, tuple(names)), n=most, cutoff=similarity)


def _candidates(name: str, names: tuple[str, ...]) -> Sequence[str]:
    if len(names) <= 2 * _COMPARED:
        return names
    forwards, backwards = _in_order(names)
    found = [*_around(name, forwards), *(found[::-1] for found in _around(name[::-1], backwards))]
    return list(dict.fromkeys(found))


def _around(name: str, ordered: tuple[str, ...]) -> tuple[str, ...]:
    """The names beside the place that a name would have."""
    at = bisect(ordered, name)
    return ordered[max(0, at - _COMPARED // 2) : at + _COMPARED // 2]


@lru_cache(maxsize=8)
def _in_order(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names in their order, and those written from the end in theirs."""
    return tuple(sorted(names)), tuple(sorted(name[::-1] for name in names))
