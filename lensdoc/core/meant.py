"""Which model an author may have meant who named one that is not here."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lensdoc.core.model_files import BUNDLED
from lensdoc.core.names import near

_ALIKE = 0.7
"""Above the likeness of `org/model` and `org/other`."""


def meant(name: str, others: Iterable[str] = ()) -> str:
    """The part of a message that says which known models have a name like it: `did you mean lensdoc/tiny? `, or nothing.

    Args:
        name: The name that names no model.
        others: Names of models beside those that are bundled.
    """
    names = [known for known in dict.fromkeys([*BUNDLED, *others]) if known != name]
    by_last = {known.rpartition("/")[2]: known for known in reversed(names)}
    alike = near(name, names, most=3, similarity=_ALIKE)
    last = [by_last[found] for found in near(name.rpartition("/")[2], by_last, most=1, similarity=_ALIKE)]
    found = list(dict.fromkeys([*alike, *last]))[:3]
    return f"did you mean {' or '.join(found)}? " if found else ""


def cached_models(cache: Path) -> list[str]:
    """Ids of the models that the hub's cache has, by the names of its folders.

    Args:
        cache: The folder of the cache, which need not exist.
    """
    return sorted(path.name.removeprefix("models--").replace("--", "/") for path in cache.glob("models--*"))
