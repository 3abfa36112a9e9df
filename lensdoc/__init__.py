"""lensdoc: interactive articles that explain transformer language models.

Names load when they are first used, so that publishing never imports torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lensdoc.measures.factorization import factors as factors
    from lensdoc.measures.tokens import sequence as sequence
    from lensdoc.models.loading import load_model as load_model
    from lensdoc.records.reading import read_record as read_record

_HOME = {
    "factors": "lensdoc.measures.factorization",
    "load_model": "lensdoc.models.loading",
    "read_record": "lensdoc.records.reading",
    "sequence": "lensdoc.measures.tokens",
}
"""Where each public name lives."""

__all__ = ["factors", "load_model", "read_record", "sequence"]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'lensdoc' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
