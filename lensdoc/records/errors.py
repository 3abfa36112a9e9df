"""The errors that an author sees, and how unknown names are answered.

LensdocError          anything an author can mend
├── DataError         a data file breaks the format: path, field, reason
├── ModelError        a model cannot be loaded or is of another kind
├── MeasureError      a measure was asked for something the trace cannot give
├── RunError          runs.yml, or a run that failed
└── PublishError      a page asks for what is not there
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class LensdocError(Exception):
    """Something that the author can mend; the message says where and how."""


class DataError(LensdocError):
    """A data file that breaks the format."""


class ModelError(LensdocError):
    """A model that cannot be loaded or used."""


class MeasureError(LensdocError):
    """A measure asked for something that the trace cannot give."""


class RunError(LensdocError):
    """A mistake in runs.yml, or a run that failed."""


class PublishError(LensdocError):
    """A page asks for a record, field or option that does not exist."""


def nearest(name: str, valid: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest valid ones, or all of them when none is near.

    >>> nearest("factor", ["factors", "sequence"])
    'did you mean factors? (valid: factors, sequence)'
    """
    names = sorted(valid)
    if not names:
        return "there are none yet"
    listing = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")  # noqa: PLR2004 - one screen line
    close = get_close_matches(name, names, n=3, cutoff=0.6)
    return f"did you mean {' or '.join(close)}? (valid: {listing})" if close else f"valid: {listing}"
