"""Whom a page is by, as the citation of a figure begins with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def credit(meta: Mapping[str, Any], author: str | None, site: str) -> str:
    """Authors and title of a page from its front matter, else those of the site.

    Args:
        meta: The front matter.
        author: `site_author` of mkdocs.yml.
        site: The name of the site.
    """
    given = meta.get("authors") or author or []
    given = [given] if isinstance(given, str | dict) else given if isinstance(given, list) else []
    names = [str(one.get("name") or one.get("organization") or "") if isinstance(one, dict) else str(one) for one in given]
    return ". ".join(part for part in (", ".join(filter(None, names)), str(meta.get("title") or site)) if part)
