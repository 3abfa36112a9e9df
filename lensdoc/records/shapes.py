"""Checks that the fields of a record fit each other; each raises `ValueError` with the field and both sizes."""

from __future__ import annotations

from collections.abc import Sequence, Sized

from lensdoc.records.tokens import Token


def check_length(field: str, values: Sized, other: str, length: int) -> None:
    """The field has one value for each of the other's."""
    if len(values) != length:
        raise ValueError(f"{field} has {len(values)} values, but there are {length} {other}")


def check_targets(targets: Sequence[int], tokens: Sequence[Token]) -> None:
    """Targets are positions of tokens, in ascending order."""
    if list(targets) != sorted(set(targets)) or any(not 0 <= t < len(tokens) for t in targets):
        raise ValueError(f"targets must be ascending positions below {len(tokens)}, the number of tokens")


def check_layers(layers: Sequence[int], n_layers: int) -> None:
    """Layers are indices of the model's blocks, in ascending order."""
    if list(layers) != sorted(set(layers)) or any(not 0 <= layer < n_layers for layer in layers):
        raise ValueError(f"layers must be ascending indices below {n_layers}, the model's number of layers")


def check_grid(field: str, rows: Sequence[Sized], outer: tuple[str, int], inner: tuple[str, int]) -> None:
    """The field has one row for each of the outer, and each row one value for each of the inner."""
    check_length(field, rows, *outer)
    for index, row in enumerate(rows):
        check_length(f"{field}[{index}]", row, *inner)
