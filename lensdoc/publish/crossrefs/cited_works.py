"""How the excerpt of a page names the works that it cites: numbers are those of the page itself, and not known elsewhere."""

from __future__ import annotations

from lensdoc.publish.citations.library import Library


def name_of_work(key: str, library: Library | None) -> tuple[str, str]:
    """Its authors, as a sentence names them, and its year; the key of one that is not known."""
    return library.name_of(key) if library else (key, "")
