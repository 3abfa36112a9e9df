"""Types of the fields of records, and the strict base class of all data that is read from files."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

_Any = TypeVar("_Any")

LARGEST_EXACT_INTEGER = 2**53
"""Larger integers do not survive JavaScript."""
_SIGNIFICANT_DIGITS = 4


def four_digits(number: float) -> float:
    """Round to four significant digits: what a record keeps of a measured number."""
    return float(f"{number:.{_SIGNIFICANT_DIGITS}g}")


def _exact(number: _Any) -> _Any:
    if isinstance(number, int) and abs(number) > LARGEST_EXACT_INTEGER:
        raise ValueError(f"integers beyond 2^53 are not exact in a browser: {number}")
    return number


Real = Annotated[float, AfterValidator(four_digits)]
Integer = Annotated[int, AfterValidator(_exact)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Fact = Annotated[int | Real | str, AfterValidator(_exact)]


class StrictData(BaseModel):
    """Data of a record, of `runs.yml` or of the lock: frozen, strict, without unknown fields or NaN."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)
