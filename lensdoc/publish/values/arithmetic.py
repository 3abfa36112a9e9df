"""Values computed from two values: `a - b` and `a / b`, with a space on both sides of the sign.

Records keep four significant digits. A difference of which these leave nothing is refused, not shown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from lensdoc.core.errors import PublishError
from lensdoc.records.fields import four_digits

Number = int | float
_SIGN = re.compile(r"\s+([-/])\s+")


@dataclass(frozen=True)
class Quantity:
    """A value of a record with its unit, where the record says one."""

    value: object
    unit: str = ""


def read_expression(text: str, look_up: Callable[[str], Quantity]) -> Quantity:
    """The value that a name or `a - b` or `a / b` names.

    Args:
        text: What the author wrote, without a format.
        look_up: Gives what a name stands for.

    Raises:
        PublishError: A name names nothing, more than two are given, or the two do not go together; the message says which rule.
    """
    parts = _SIGN.split(text.strip())
    if len(parts) == 1:
        return look_up(parts[0])
    if len(parts) != 3:  # noqa: PLR2004 - two values and a sign
        raise PublishError(f"{text.strip()!r}: a value is computed from two, as `a - b` or `a / b`; compute more in the notebook")
    left, sign, right = parts
    first, second = look_up(left), look_up(right)
    a, b = (_number(part, quantity) for part, quantity in ((left, first), (right, second)))
    unit = _unit(first.unit, sign, second.unit)
    if unit is None:
        units = " and ".join(repr(quantity.unit) if quantity.unit else "no unit" for quantity in (first, second))
        raise PublishError(f"{text.strip()!r}: the two have different units, {units}; compute it in the notebook")
    return Quantity(_difference(a, b, text) if sign == "-" else _quotient(a, b, text), unit)


def names_in(text: str) -> list[str]:
    """The names of a value that is computed from one or two, without its format."""
    return _SIGN.split(text.partition(":")[0].strip())[::2]


def _unit(first: str, sign: str, second: str) -> str | None:
    """The unit of what is computed; None where two units cannot be subtracted, or what divides has the only one."""
    if first == second:
        return first if sign == "-" else ""
    if sign == "-" or not first:
        return None
    return f"{first}/{second}" if second else first


def _number(name: str, quantity: Quantity) -> Number:
    if isinstance(quantity.value, bool) or not isinstance(quantity.value, int | float):
        raise PublishError(f"{name}: only numbers are subtracted and divided, it is {quantity.value!r:.40}")
    return quantity.value


def _difference(a: Number, b: Number, text: str) -> Number:
    """The difference to the digits that are known."""
    doubt = _doubt(a) + _doubt(b)
    found = a - b
    if not doubt:
        return found
    if found and abs(found) <= doubt:
        raise PublishError(
            f"{text.strip()!r}: {a:g} and {b:g} are kept to four digits, which leave nothing of their difference; "
            "compute it in the notebook"
        )
    return round(found, -math.floor(math.log10(2 * doubt)))


def _quotient(a: Number, b: Number, text: str) -> float:
    if b == 0:
        raise PublishError(f"{text.strip()!r}: divides by {b:g}; a quotient needs another number below the line")
    return four_digits(a / b)


def _doubt(number: Number) -> float:
    """By how much a kept number may lie from the measured one: whole numbers are exact, others have four digits."""
    if isinstance(number, int) or not number:
        return 0.0
    return 0.5 * 10.0 ** (math.floor(math.log10(abs(number))) - 3)
