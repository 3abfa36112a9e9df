"""Texts of which messages and notes are made, at a length that fits their place."""

from __future__ import annotations

_MOST_CHARACTERS = 300


def sentence(error: Exception) -> str:
    """What an exception of a library says, on one line of at most 300 characters."""
    said = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, KeyError):
        said = f"{said} is unknown"
    return shortened(said, _MOST_CHARACTERS - 1)


def shortened(text: str, characters: int) -> str:
    """A text as it is, or so many of its first characters and an ellipsis."""
    return text if len(text) <= characters else f"{text[:characters]}…"
