"""The tokens of a record."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from lensdoc.records.fields import StrictData

Kind = Literal["input", "output", "template"]
"""Whether a token was given or produced; `template` is a given one that comes from a chat template alone.

What holds of given tokens holds of both kinds of them: compare with `output`."""

Stream = Literal["source", "target"]
HEXADECIMAL = "^([0-9a-f]{2})+$"
"""How a record writes raw bytes."""


_raw = bytes.fromhex  # in the class below `bytes` is a field


class Token(StrictData):
    """One token of the sequence."""

    id: Annotated[int, Field(ge=0)]
    """Index in the vocabulary."""
    text: str
    """The text, with its leading space; `�` stands where the bytes are not whole UTF-8."""
    kind: Kind
    bytes: Annotated[str, Field(pattern=HEXADECIMAL)] | None = None
    """The raw bytes in hexadecimal, for a token that is not whole UTF-8."""
    stream: Stream | None = None
    """Of an encoder with a decoder: whether the encoder reads it or the decoder; None in other models."""

    @property
    def spelled(self) -> str:
        """The exact text, or the bytes of a token that is not whole UTF-8: `<bytes E0 A4>`."""
        return self.text if self.bytes is None else f"<bytes {_raw(self.bytes).hex(' ').upper()}>"

    @model_serializer(mode="wrap")
    def _without_nothing(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Most tokens are whole, and their files need not say so a thousand times."""
        data: dict[str, Any] = serialize(self)
        return {key: value for key, value in data.items() if value is not None}
