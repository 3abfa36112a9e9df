"""The tokens of a record."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lensdoc.records.part import Part

Kind = Literal["input", "output"]
"""Whether a token was given or produced."""

HEXADECIMAL = "^([0-9a-f]{2})+$"
"""How a record writes raw bytes."""


class Token(Part):
    """One token of the sequence."""

    id: Annotated[int, Field(ge=0)]
    """Index in the vocabulary."""
    text: str
    """The text, with its leading space; `�` stands where the bytes are not whole UTF-8."""
    kind: Kind
    bytes: Annotated[str, Field(pattern=HEXADECIMAL)] | None = None
    """The raw bytes in hexadecimal, for a token that is not whole UTF-8."""
