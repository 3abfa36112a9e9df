"""The two streams of tokens in records of encoders with decoders."""

from __future__ import annotations

from collections.abc import Sequence

from lensdoc.records.tokens import Token


def check_streams(tokens: Sequence[Token], *, two: bool) -> None:
    """Tokens name their stream where the model has two, and only there; those of the source come first."""
    named = [token.stream for token in tokens]
    if any((stream is not None) is not two for stream in named):
        raise ValueError("tokens must name their stream where the model has an encoder and a decoder, and only there")
    if named != sorted(named, key=str):
        raise ValueError("tokens of the source must come before those of the target")


def places(tokens: Sequence[Token], *, sees_all: bool) -> tuple[int, int]:
    """The first and last place at which a model predicts a token: after the first token of the text, or of the target."""
    if sees_all:
        return 0, len(tokens) - 1
    return 1 + next((p for p, token in enumerate(tokens) if token.stream == "target"), 0), len(tokens)
