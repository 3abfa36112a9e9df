"""How high a factor's sparkline reaches, and how dark its tint becomes: what the largest of them stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lensdoc.explorables.shared import SIZES, said
from lensdoc.records.factor_saliency import read_at
from lensdoc.records.factors import Factors

_FIRST: float = SIZES["sparklines"]["first"]
"""A factor that is more than so many times stronger at a first token than anywhere else is one of first tokens."""
_MOST: float = SIZES["sparklines"]["most"]
"""The largest such ratio that is told."""


@dataclass(frozen=True)
class Scale:
    """The scale of one factor."""

    limit: float
    """The size of activation that the full height stands for; larger ones are clipped."""
    clipped: tuple[int, ...]
    """Positions of first tokens that go beyond the scale."""
    first: str | None
    """For a factor of first tokens: how much stronger it is there."""


def scales(record: Factors, *, shared: bool, span: float | None = None) -> list[Scale]:
    """The scale of each factor: up to its own largest size, or up to the largest of all, of other records too (`span`).

    A first token that dwarfs the rest of its factor does not count for the scale.
    """
    firsts = first_positions(record)
    ratios = [first_ratio(record, f, firsts) for f in range(len(record.activations))]
    limits = [_limit(row, firsts, ratio) for row, ratio in zip(record.activations, ratios, strict=True)]
    limits = [span or max(limits)] * len(limits) if shared and limits else limits
    return [
        Scale(limit, tuple(p for p in firsts if abs(row[p]) > limit), _in_words(ratio) if ratio > _FIRST else None)
        for row, limit, ratio in zip(record.activations, limits, ratios, strict=True)
    ]


def is_signed(rows: Sequence[Sequence[float]]) -> bool:
    """Whether sparklines need a zero line in the middle."""
    return any(value < 0 for row in rows for value in row)


def first_positions(record: Factors) -> list[int]:
    """Positions that show the state of a text's first token: its own, and that of a token produced from it alone."""
    starts = set(record.starts)
    return [p for p in range(len(record.tokens)) if p in starts or read_at(record.tokens, p) - 1 in starts]


def first_ratio(record: Factors, factor: int, firsts: Sequence[int]) -> float:
    """How many times larger a factor is at first tokens than at the largest of the others: the record's fact, else computed."""
    told = record.facts.get(f"factor_{factor + 1}_first_ratio")
    if isinstance(told, int | float):
        return told
    first, others = _largest(record.activations[factor], firsts)
    return min(first / others, _MOST) if others else _MOST * float(first > 0)


def _limit(row: Sequence[float], firsts: Sequence[int], ratio: float) -> float:
    first, others = _largest(row, firsts)
    return others if ratio > _FIRST and others else max(first, others)


def _largest(row: Sequence[float], firsts: Sequence[int]) -> tuple[float, float]:
    """Largest size at first tokens, and at the others."""
    chosen = set(firsts)
    first = max((abs(row[p]) for p in chosen), default=0)
    return first, max((abs(value) for p, value in enumerate(row) if p not in chosen), default=0)


def _in_words(ratio: float) -> str:
    if ratio >= _MOST:
        return said("factors.most", most=f"{_MOST:,}")
    return said("factors.times", ratio=f"{ratio:.{0 if ratio >= 10 else 1}f}")  # noqa: PLR2004 - two digits
