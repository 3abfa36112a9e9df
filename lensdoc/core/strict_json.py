"""JSON without what Python's parser lets through: NaN, infinite numbers, and a key that stands twice."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from lensdoc.core.errors import DataError


def finite_json(text: str, path: Path | str) -> dict[str, Any]:
    """A JSON object with finite numbers and without repeated keys.

    Raises:
        DataError: The text is something else.
    """

    def unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise DataError(f"{path}: field {key!r} stands twice in one object")
            found[key] = value
        return found

    def not_finite(name: str) -> NoReturn:
        raise DataError(f"{path}: {name} is not a finite number, and all numbers must be")

    def finite(digits: str) -> float:
        number = float(digits)
        return number if math.isfinite(number) else not_finite(digits)

    try:
        data = json.loads(text, object_pairs_hook=unique, parse_constant=not_finite, parse_float=finite)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not valid JSON: {error}") from None
    if not isinstance(data, dict):
        raise DataError(f"{path}: a data file holds one JSON object, this one holds a {type(data).__name__}")
    return data
