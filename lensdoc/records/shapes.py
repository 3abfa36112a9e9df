"""Checks that the fields of a record fit each other; each raises `ValueError` with the field and both sizes."""

from __future__ import annotations

from collections.abc import Sequence, Sized

from lensdoc.records.tokens import Token

_SUM_TOLERANCE = 1e-3
"""Shares are kept to four digits."""


def check_length(field: str, values: Sized, other: str, length: int) -> None:
    """The field has one value for each of the other's."""
    if len(values) != length:
        raise ValueError(f"{field} has {len(values)} values, but there are {length} {other}")


def check_targets(targets: Sequence[int], tokens: Sequence[Token], field: str = "targets") -> None:
    """Targets are positions of tokens, in ascending order."""
    check_ascending(field, targets, len(tokens), "the number of tokens", "positions")


def check_layers(layers: Sequence[int], n_layers: int) -> None:
    """Layers are indices of the model's blocks, in ascending order."""
    check_ascending("layers", layers, n_layers, "the model's number of layers")


def check_ascending(field: str, values: Sequence[int], limit: int, of: str, what: str = "indices") -> None:
    """The field holds whole numbers from 0 to below a limit, in ascending order, none twice."""
    if list(values) != sorted(set(values)) or any(not 0 <= value < limit for value in values):
        raise ValueError(f"{field} must be ascending {what} below {limit}, {of}")


def check_grid(field: str, rows: Sequence[Sized], outer: tuple[str, int], inner: tuple[str, int]) -> None:
    """The field has one row for each of the outer, and each row one value for each of the inner."""
    check_length(field, rows, *outer)
    for index, row in enumerate(rows):
        check_length(f"{field}[{index}]", row, *inner)


def check_shares(field: str, row: Sequence[float]) -> None:
    """The row holds shares that sum to 1, or nothing but zeros."""
    total = sum(row)
    if min(row, default=0) < 0 or (total and abs(total - 1) > _SUM_TOLERANCE):
        raise ValueError(f"{field} must hold shares that sum to 1, they sum to {total:.4g}, the least is {min(row):.4g}")
