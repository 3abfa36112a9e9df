"""How far two records of one run may lie apart when they were made on machines of different classes.

Instruction sets, libraries and accelerators add in different orders, which changes the last bits (seen: 2e-6 of a logit), and a
record keeps four digits, of which rounding moves the last by up to a thousandth of the number. Hence

    probabilities        two parts in a thousand of themselves, since the bits of a logit change them in proportion
    other numbers        the same, and a fifth of a thousandth of the largest number of their row (of the target, factor or layer,
                         of the neuron where values are encoded)
    convergence          a fifth of a thousandth of the largest total: it is a small difference of large sums
    ranks                1, or a hundredth of the rank: tokens that tie nearly change places
    8-bit codes          1 step
    ranked lists         places of neurons and of predicted tokens, if their numbers tie within the tolerance
    counts by threshold  1, or a hundredth: `factor_1_neurons`, `overlap_1_2`; their shares likewise, and those of `active` values
    other facts          four parts in a thousand: they are ratios of such numbers
    everything else      nothing: tokens, ids, strings, shapes, clusters, order and signs of factors, of which prose speaks
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

RELATIVE = 2e-3
"""Share of a number by which it may change."""
ROW = 2e-4
"""Share of the largest number of its row by which a number may change too."""
RANK = 1e-2
"""Share of a rank, or of a count by a threshold."""
FACT = 2 * RELATIVE
"""Share of a fact."""
_LEAST = 1e-9
"""Probabilities below are noise."""
_COUNTS = re.compile(r"factor_\d+_neurons|overlap_\d+_\d+")
_SHARES = re.compile(r"factor_\d+_share")
_ACTIVE = re.compile(r"((layer_\d+_)?cluster_\d+_)?active")

Data = dict[str, Any]
"""A record as its file has it."""
Bound = Callable[[str, float, float, Data], float]
"""Name, number and largest number of its row, of which record; to how far another may lie from the number."""


def bound_of(field: str, name: str) -> Bound:
    """The bound for numbers of a field of a record; `name` is the innermost name on the way to the number."""
    return _fact if field == "facts" else _BOUNDS.get(name, _measured)


def _measured(_name: str, number: float, largest: float, _record: Data) -> float:
    return 0 if isinstance(number, int) else RELATIVE * abs(number) + ROW * largest


def _prob(_name: str, number: float, _largest: float, _record: Data) -> float:
    return RELATIVE * number + _LEAST


def _convergence(_name: str, _number: float, _largest: float, record: Data) -> float:
    return ROW * max((abs(total) for total in record["totals"]), default=0)


def _rank(_name: str, number: float, _largest: float, _record: Data) -> float:
    return max(1, RANK * number)


def _fact(name: str, number: float, _largest: float, record: Data) -> float:
    if _COUNTS.fullmatch(name):
        return max(1, RANK * number)
    if _SHARES.fullmatch(name):
        return max(1 / int(record["facts"]["neurons"]), RANK * number)
    if _ACTIVE.fullmatch(name):  # values about 0 change sides
        return RANK * number
    return 0 if isinstance(number, int) else FACT * abs(number)


def _code(_name: str, _number: float, _largest: float, _record: Data) -> float:
    return 1


_BOUNDS: dict[str, Bound] = {"convergence": _convergence, "data": _code, "prob": _prob, "probs": _prob, "ranks": _rank}
