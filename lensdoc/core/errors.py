"""The errors that an author sees.

LensdocError          anything an author can mend
├── DataError         a data file breaks the format: path, field, reason
├── ModelError        a model cannot be loaded or is of another kind
├── MeasureError      a measure was asked for something the trace cannot give
├── RunError          runs.yml, or a run that failed
└── PublishError      a page asks for what is not there
"""

from __future__ import annotations


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
