"""Posts of Material's blog name their authors by keys of a file; articles name them in full."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def with_author_names(meta: Mapping[str, Any], plugins: Iterable[object]) -> dict[str, Any]:
    """The front matter of a post with the names of its authors in place of their keys.

    Args:
        meta: The front matter.
        plugins: Those of the build; the blog's has the authors of its file by key.
    """
    known: dict[str, Any] = {}
    for plugin in plugins:
        found = getattr(plugin, "authors", None)
        known |= found if isinstance(found, Mapping) else {}
    keys = meta.get("authors")
    if not isinstance(keys, list):
        return dict(meta)
    named = [{"name": known[key].name} if isinstance(key, str) and key in known else key for key in keys]
    return {**meta, "authors": named}
