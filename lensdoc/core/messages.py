"""Texts of which messages are made."""

from __future__ import annotations

_MOST_CHARACTERS = 300


def sentence(error: Exception) -> str:
    """What an exception of a library says, on one line of at most 300 characters."""
    said = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, KeyError):
        said = f"{said} is unknown"
    return said if len(said) <= _MOST_CHARACTERS else f"{said[: _MOST_CHARACTERS - 1]}…"
