"""How far factors were found again from other starts: a mark, a number, and both in words."""

from __future__ import annotations

import math
from typing import NamedTuple

from lensdoc.explorables.numbers import fixed
from lensdoc.explorables.shared import SIZES, said
from lensdoc.records.factors import Factors

_FOUND: float = SIZES["factors"]["found"]
"""From this stability on a factor counts as found again."""
_PARTLY: float = SIZES["factors"]["partly"]
"""From this one as found again in part."""


class Steadiness(NamedTuple):
    """What a figure says of a factor's stability."""

    mark: str
    """A disc: full, half or empty, and the number."""
    words: str


def steadiness(record: Factors) -> list[Steadiness]:
    """Of each factor; nothing where stability was not measured."""
    return [Steadiness(f"{_said('marks', value)} {fixed(value, 2)}", _told(value)) for value in record.stability or ()]


def legend() -> str:
    """What the marks stand for."""
    return said("factors.steady.legend", found=fixed(_FOUND, 1), partly=fixed(_PARTLY, 1))


def _told(value: float) -> str:
    return said("factors.steady.told", words=_said("words", value), value=fixed(value, 2))


def _said(what: str, value: float) -> str:
    seen = math.floor(100 * value + 0.5) / 100  # as it is written, so that mark and number agree
    step = "found" if seen >= _FOUND else "partly" if seen >= _PARTLY else "hardly"
    return said(f"factors.steady.{what}.{step}")
