"""The base of all data that records are made of, and how their numbers are kept."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

_Any = TypeVar("_Any")

LARGEST_EXACT_INTEGER = 2**53
"""Larger integers do not survive JavaScript."""
_DIGITS = 4


def four_digits(number: float) -> float:
    """Round to four significant digits: what a record keeps of a measured number."""
    return float(f"{number:.{_DIGITS}g}")


def _exact(number: _Any) -> _Any:
    if isinstance(number, int) and abs(number) > LARGEST_EXACT_INTEGER:
        raise ValueError(f"integers beyond 2^53 are not exact in a browser: {number}")
    return number


Real = Annotated[float, AfterValidator(four_digits)]
Integer = Annotated[int, AfterValidator(_exact)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Fact = Annotated[int | Real | str, AfterValidator(_exact)]


class Part(BaseModel):
    """Data that a record is made of: frozen, strict, without unknown fields or NaN."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)
