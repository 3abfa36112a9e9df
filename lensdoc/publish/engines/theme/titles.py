"""Titles and descriptions for themes, which write them into the page as they are."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape, unescape
from typing import Any


class Escaped(str):
    """A text that is HTML already: a template that escapes what it is given leaves it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        """What filters of templates ask for."""
        return self


def for_theme(meta: Mapping[str, Any]) -> dict[str, Escaped]:
    """The fields that themes write as they are, into titles and attributes."""
    shown = {name: meta[name] for name in ("title", "description", "author") if isinstance(meta.get(name), str | int | float)}
    return {name: Escaped(escape(str(value))) for name, value in shown.items()}


def escape_title(meta: Mapping[str, Any], title: str) -> dict[str, Escaped]:
    """What keeps the title of a heading, which is HTML, escaped: themes take out its tags and, by that, undo its escapes."""
    return {"title": Escaped(title)} if "title" not in meta and "<" in unescape(title) else {}
