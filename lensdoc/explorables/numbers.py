"""How figures write numbers. `web/src/numbers.js` writes them alike; their limits are in `shared.json`."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal

from lensdoc.explorables.shared import DIGITS, PLAIN, SCORE_DECIMALS, SCORE_MOST, SHARE_DECIMALS, SHARE_LEAST, SHARE_WHOLE

NONE = "–"
"""Stands for what is no number, or is infinite."""
_LEAST_EXACT, _MOST_EXACT = -7, 21
"""Powers of ten between which JavaScript writes numbers without an exponent."""
_MOST_FIXED = 1e21
"""From here on JavaScript rounds no number to decimals."""
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)
"""Digits for all that is below it, with decimals."""


def share(value: float) -> str:
    """A share as a label: whole percent, one decimal below one; a tiny one is never shown as nothing."""
    percent, sign = abs(100 * value), "−" if value < 0 else ""
    if not math.isfinite(percent):
        return NONE
    if not percent:
        return "0%"
    if percent < SHARE_LEAST:
        return f"{'>' if sign else '<'}{sign}{SHARE_LEAST}%"
    return f"{sign}{fixed(percent, 0 if percent >= SHARE_WHOLE else SHARE_DECIMALS)}%"


def score(value: float) -> str:
    """A score that is no share, as a label: two decimals, with a true minus; a large one in digits."""
    return digits(value) if abs(value) >= SCORE_MOST else fixed(value, SCORE_DECIMALS)


def fixed(value: float, decimals: int) -> str:
    """A number rounded to decimals, halves away from 0; no minus where it is shown as 0."""
    if not math.isfinite(value):
        return NONE
    if abs(value) >= _MOST_FIXED:
        return digits(value)
    size = _rounded(abs(value), decimals)
    return f"−{size}" if value < 0 and size.strip("0.") else size


def digits(value: float, count: int = DIGITS) -> str:
    """A number rounded to significant digits, three unless said, halves away from 0, and without zeros at the end.

    With an exponent where it is below a thousandth, or a million or more.
    """
    if not math.isfinite(value):
        return NONE
    short = float(Context(prec=count, rounding=ROUND_HALF_UP).create_decimal(Decimal(value)))
    return _written(Decimal(repr(short)), plain=not short or PLAIN[0] <= abs(short) < PLAIN[1])


def exact(value: float) -> str:
    """A number of a record with all its digits: the fewest that tell it from others.

    With an exponent where it is below a millionth, or 1e21 or more, as JavaScript writes it.
    """
    if not math.isfinite(value):
        return NONE
    number = Decimal(repr(value))
    return _written(number, plain=not number or _LEAST_EXACT < number.adjusted() < _MOST_EXACT)


def added(values: Iterable[float]) -> float:
    """The sum of numbers in their order, each step rounded: from Python 3.12 on `sum` adds otherwise, and the script does not."""
    return functools.reduce(operator.add, values, 0.0)


def percent(prob: float) -> str:
    """A probability in percent, three significant digits; never 0 for what is not 0, never 100 for what is less."""
    if prob in (0, 1):
        return f"{prob:.0%}"
    if prob < 0.0001:  # noqa: PLR2004 - a hundredth of a percent
        return "<0.01%"
    return ">99.9%" if prob >= 0.9995 else f"{100 * prob:.3g}%"  # noqa: PLR2004 - what three digits would round to 100


def _rounded(size: float, decimals: int) -> str:
    """Halves of the binary number itself upwards, as JavaScript's `toFixed` rounds."""
    return f"{Decimal(size).quantize(Decimal(1).scaleb(-decimals), context=_WIDE):f}"


def _written(number: Decimal, *, plain: bool) -> str:
    """A number without zeros at the end of its decimals, and with a true minus."""
    if not number:
        return "0"
    sign = "−" if number < 0 else ""
    size = abs(number)
    if plain:
        text = f"{size:f}"
        return sign + (text.rstrip("0").rstrip(".") if "." in text else text)
    shown = "".join(map(str, size.as_tuple().digits)).rstrip("0")
    exponent = str(size.adjusted()).replace("-", "−")
    return f"{sign}{shown[0]}{'.' if shown[1:] else ''}{shown[1:]}e{exponent}"
