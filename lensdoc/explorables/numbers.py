"""How figures write numbers; the script writes them alike."""

from __future__ import annotations

import math
from decimal import Decimal


def share(value: float) -> str:
    """A share as a label: whole percent, one decimal below one; a tiny one is never shown as nothing."""
    percent = 100 * value
    if not percent:
        return "0%"
    if percent < 0.1:  # noqa: PLR2004 - the least that one decimal can show
        return "<0.1%"
    return f"{_rounded(percent, 0):.0f}%" if percent >= 1 else f"{_rounded(percent, 1):.1f}%"


def score(value: float) -> str:
    """A score that is no share, as a label: two decimals, with a true minus."""
    size = _rounded(abs(value), 2)
    return f"{'−' if value < 0 and size else ''}{size:.2f}"


def exact(value: float) -> str:
    """A number of a record as it stands there, without an exponent, and with a true minus."""
    return f"{Decimal(repr(value)):f}".removesuffix(".0").replace("-", "−")


def _rounded(value: float, decimals: int) -> float:
    """Halves upwards, computed as JavaScript computes it."""
    scale = 10.0**decimals
    return math.floor(value * scale + 0.5) / scale


def percent(prob: float) -> str:
    """A probability in percent, three significant digits; never 0 for what is not 0, never 100 for what is less."""
    if prob in (0, 1):
        return f"{prob:.0%}"
    if prob < 0.0001:  # noqa: PLR2004 - a hundredth of a percent
        return "<0.01%"
    return ">99.9%" if prob >= 0.9995 else f"{100 * prob:.3g}%"  # noqa: PLR2004 - what three digits would round to 100
