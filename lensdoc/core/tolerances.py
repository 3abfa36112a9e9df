"""How far two records of one run may lie apart when they were made on machines of different classes.

Instruction sets, libraries and accelerators add in different orders, which changes the last bits (seen: 2e-6 of a logit), and a
record keeps four digits, of which rounding moves the last by up to a thousandth of the number. Each class of records declares in
`TOLERANCES` which of its fields hold numbers of which kind:

    PROBABILITY  two parts in a thousand of themselves, since the bits of a logit change them in proportion
    RANK, COUNT  1, or a hundredth: tokens that tie nearly change places, loadings at a threshold change sides
    STEP         1: codes of 8 bits
    SIDES        a hundredth: shares of values that are above 0, of which those about 0 change sides
    share_of     as a count, of which it is a share
    residue_of   a fifth of a thousandth of the largest number of another field: a small difference of large sums
    Ranked       a list of objects in the order of one of their numbers: places, where the numbers tie within their tolerances
    Limit        flags that say whether a number lies beyond a limit, where it lies at the limit within its tolerance
    LimitCount   how many numbers lie beyond a limit, by as many as lie at it
    REMADE       anything: what other versions of a translator write otherwise, and the run itself holds against PyTorch

What is not declared:

    facts           none where they are whole, else four parts in a thousand: they are ratios of measured numbers
    other numbers   two parts in a thousand, and a fifth of a thousandth of the largest of their row (of a target, factor, layer)
    everything else none: tokens, ids, strings, whole numbers, shapes, clusters, order and signs of factors, of which prose speaks

Tolerances change nothing that a run makes, so neither this module nor `TOLERANCES` enters a key.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Protocol, runtime_checkable

RELATIVE = 2e-3
"""Share of a number by which it may change."""
ROW = 2e-4
"""Share of the largest number of its row by which a number may change too."""
_THRESHOLD = 1e-2
"""Share of a rank, or of a count by a threshold."""
_NOISE = 1e-9
"""Probabilities below are noise."""

Data = dict[str, Any]
"""A record as its file has it."""
Bound = Callable[[float, float, Data], float]
"""From a number, the largest of its row, and its record to how far another may lie from the number."""


@dataclass(frozen=True)
class Ranked:
    """A list of objects in the order of a number."""

    by: str
    """The number."""
    names: tuple[str, ...]
    """The fields that say which object it is."""


@dataclass(frozen=True)
class Limit:
    """Flags that say, for each number of a field, whether it is larger than a share of that of another field."""

    number: str
    share: float
    whole: str


@dataclass(frozen=True)
class LimitCount:
    """How many facts whose names match a pattern are larger than a limit, or how many of a field's flags are set."""

    facts: str = ""
    limit: float = 0.0
    flags: str = ""


@dataclass(frozen=True)
class Remade:
    """Values that may be any others."""


REMADE = Remade()
Tolerance = Bound | Ranked | Limit | LimitCount | Remade
Tolerances = Mapping[str, Tolerance]
"""Names of fields, with full stops between them and no indices, and with `*` for any text, to their tolerances."""


@runtime_checkable
class Rearranged(Protocol):
    """A record whose file keeps apart what can only be compared together."""

    def for_comparison(self, data: Data) -> Data:
        """The data of its file, with what belongs together in one place; `data` may be changed."""


def PROBABILITY(number: float, _largest: float, _record: Data) -> float:  # noqa: N802 - declared as constants are
    """Two parts in a thousand."""
    return RELATIVE * number + _NOISE


def COUNT(number: float, _largest: float, _record: Data) -> float:  # noqa: N802 - likewise
    """1, or a hundredth."""
    return max(1, _THRESHOLD * number)


RANK = COUNT


def STEP(_number: float, _largest: float, _record: Data) -> float:  # noqa: N802 - likewise
    """1."""
    return 1


def SIDES(number: float, _largest: float, _record: Data) -> float:  # noqa: N802 - likewise
    """A hundredth."""
    return _THRESHOLD * number


def share_of(total: str) -> Bound:
    """One part of the fact that is the whole, or a hundredth."""

    def bound(number: float, _largest: float, record: Data) -> float:
        whole = record["facts"].get(total)
        return max(1 / whole if whole else 0, _THRESHOLD * number)

    return bound


def residue_of(field: str) -> Bound:
    """A fifth of a thousandth of the largest number of a field."""

    def bound(_number: float, _largest: float, record: Data) -> float:
        return ROW * max((abs(value) for value in record[field]), default=0)

    return bound


def declared(field: str, tolerances: Tolerances) -> Tolerance | None:
    """What a record declares for a field."""
    return next((tolerance for pattern, tolerance in tolerances.items() if fnmatchcase(field, pattern)), None)


def bound_of(field: str, number: float, largest: float, record: Data, tolerances: Tolerances) -> float:
    """How far a number may lie from another.

    Args:
        field: Its name, with full stops and without indices, such as `facts.lowest_prob`.
        number: The number.
        largest: The largest absolute number of its row.
        record: The record that holds it.
        tolerances: Those of the record's class.
    """
    tolerance = declared(field, tolerances)
    if isinstance(tolerance, LimitCount):
        return _count_at_limit(tolerance, record, tolerances)
    if isinstance(tolerance, Remade):
        return math.inf
    if callable(tolerance):
        return tolerance(number, largest, record)
    if isinstance(number, int):
        return 0
    return 2 * RELATIVE * abs(number) if field.startswith("facts.") else RELATIVE * abs(number) + ROW * largest


def distance(limit: Limit, index: int, record: Data, tolerances: Tolerances) -> float:
    """How far a number lies from its limit, in parts of what both may change by; above 1 its flag is certain."""
    if not record.get(limit.number) or not record.get(limit.whole):
        return math.inf
    (number, moves), (whole, whole_moves) = (_moving(field, index, record, tolerances) for field in (limit.number, limit.whole))
    room = moves + limit.share * whole_moves
    return abs(number - limit.share * whole) / room if room else math.inf


def _moving(field: str, index: int, record: Data, tolerances: Tolerances) -> tuple[float, float]:
    """The absolute value of a number of a field, and how far it may lie from another."""
    row = record[field]
    return abs(row[index]), bound_of(field, row[index], max(map(abs, row)), record, tolerances)


def _count_at_limit(count: LimitCount, record: Data, tolerances: Tolerances) -> float:
    if count.flags:
        limit, flags = tolerances[count.flags], record.get(count.flags) or ()
        assert isinstance(limit, Limit)
        return sum(distance(limit, index, record, tolerances) <= 1 for index in range(len(flags)))
    facts: dict[str, float | str] = record["facts"]
    numbers = [(name, n) for name, n in facts.items() if fnmatchcase(name, count.facts) and not isinstance(n, str)]
    return sum(abs(n - count.limit) <= bound_of(f"facts.{name}", n, abs(n), record, tolerances) for name, n in numbers)
