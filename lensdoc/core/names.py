"""How messages answer a name that is unknown."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_LISTED = 20
"""Names that a message lists: about one line of a terminal."""


def nearest(name: str, valid: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest valid ones, or all of them when none is near.

    >>> nearest("factor", ["factors", "sequence"])
    'did you mean factors? (valid: factors, sequence)'
    """
    names = sorted(valid)
    if not names:
        return "there are none yet"
    listing = ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "")
    close = get_close_matches(name, names, n=3, cutoff=0.6)
    return f"did you mean {' or '.join(close)}? (valid: {listing})" if close else f"valid: {listing}"
