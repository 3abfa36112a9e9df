"""Comparing two data files of one record: the committed one, and one just made."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from lensdoc.core.strict_json import finite_json
from lensdoc.core.tolerances import REMADE, Data, Limit, Ranked, Rearranged, Tolerance, Tolerances, bound_of, declared, distance
from lensdoc.records.reading import loads

EXACT = "exact"
WITHIN = "within tolerances"
DIFFERENT = "different"
_ROUNDING = 1 + 1e-9
"""Decimal digits are not binary ones: what lies at a bound lies within."""


@dataclass(frozen=True)
class Deviation:
    """A place at which two records differ."""

    field: str
    """Such as `scores[3][2]`."""
    committed: object
    made: object
    bound: float
    """How far numbers may lie apart there; 0 where nothing may differ."""
    share: float
    """How far they do, in parts of the bound; above 1 is too far."""
    at_limit: bool = False
    """Whether it is a flag, of a number that lies at a limit within its tolerance."""

    def __str__(self) -> str:
        """Field, both values and the bound, on one line."""
        bound = f", at most {self.bound:.2g} apart" if self.bound else ""
        why = ", since its number lies at the limit" if self.at_limit else ""
        return f"{self.field}: {_short(self.committed)} -> {_short(self.made)}{bound}{why}"


@dataclass(frozen=True)
class Comparison:
    """What a comparison found."""

    word: str
    """`exact`, `within tolerances` or `different`."""
    worst: Deviation | None = None
    """What differs most, in parts of its bound."""
    first: Deviation | None = None
    """What first differs by too much."""


def compare(committed: bytes, made: bytes) -> Comparison:
    """Compare two data files; their class says what may differ by how much: see `lensdoc.core.tolerances`.

    Raises:
        DataError: One of the files breaks the format.
    """
    if committed == made:
        return Comparison(EXACT)
    old, tolerances = _read(committed, "the committed record")
    new, _ = _read(made, "the record just made")
    found = list(_deviations(old, new, tolerances))
    worst = max(found, key=lambda deviation: deviation.share, default=None)
    first = next((deviation for deviation in found if deviation.share > _ROUNDING), None)
    return Comparison(DIFFERENT if first else WITHIN, worst, first)


def _read(content: bytes, name: str) -> tuple[Data, Tolerances]:
    """The file's data as its record wants them compared, and the tolerances of its kind."""
    text = content.decode(errors="surrogateescape")
    record = loads(text, name)
    data = finite_json(text, name)
    return record.for_comparison(data) if isinstance(record, Rearranged) else data, record.TOLERANCES


def _deviations(old: Data, new: Data, tolerances: Tolerances) -> Iterator[Deviation]:
    """Places that differ: format and version first, then in the order of the fields."""
    if (old["format"], old["version"]) != (new["format"], new["version"]):
        for field in ("format", "version"):
            yield from _walk(_Place(field, field, old, tolerances), old[field], new[field])
        return
    for field in sorted(old.keys() | new.keys()):
        yield from _walk(_Place(field, field, old, tolerances), old.get(field), new.get(field))


@dataclass(frozen=True)
class _Place:
    """Where in a record a value stands."""

    path: str
    field: str
    """The names on the way, without indices."""
    record: Data
    tolerances: Tolerances
    index: int = 0
    """The first index on the way."""
    largest: float | None = None
    """The largest number of the row, once it is known which."""

    @property
    def declared(self) -> Tolerance | None:
        return declared(self.field, self.tolerances)

    def item(self, index: int, row: float) -> _Place:
        # The row is an item of the field: lists within it are parts of it.
        largest = row if self.largest is None else self.largest
        first = self.index if self.path.endswith("]") else index
        return replace(self, path=f"{self.path}[{index}]", index=first, largest=largest)

    def part(self, key: str) -> _Place:
        return replace(self, path=f"{self.path}.{key}", field=f"{self.field}.{key}", largest=None)

    def differ(self, old: Any, new: Any) -> Deviation:  # noqa: ANN401 - any JSON
        """The deviation of a number from another, or of anything else from what should be the same."""
        if self.declared == REMADE:
            return Deviation(self.path, old, new, 0, 0)
        if isinstance(old, bool) and isinstance(new, bool) and isinstance(limit := self.declared, Limit):
            far = distance(limit, self.index, self.record, self.tolerances)
            return Deviation(self.path, old, new, 0, far, at_limit=far <= 1)
        if not (_is_number(old) and type(old) is type(new)):
            return Deviation(self.path, old, new, 0, math.inf)
        largest = abs(old) if self.largest is None else self.largest
        bound = bound_of(self.field, old, largest, self.record, self.tolerances)
        return Deviation(self.path, old, new, bound, abs(new - old) / bound if bound else math.inf)


def _walk(place: _Place, old: Any, new: Any) -> Iterator[Deviation]:  # noqa: ANN401 - any JSON
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _walk(place.part(key), old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _walk_lists(place, old, new)
    elif old != new:
        yield place.differ(old, new)


def _walk_lists(place: _Place, old: list[Any], new: list[Any]) -> Iterator[Deviation]:
    if len(old) != len(new):
        yield Deviation(place.path, f"{len(old)} values", f"{len(new)} values", 0, math.inf)
        return
    if old and isinstance(old[0], dict) and isinstance(ranked := place.declared, Ranked):
        new = _untied(place, old, new, ranked)
    nested = any(isinstance(item, list) for item in old)
    row = 0 if nested else _largest(old)
    for index, (before, after) in enumerate(zip(old, new, strict=True)):
        if before != after:
            yield from _walk(place.item(index, _largest(before) if nested else row), before, after)


def _untied(place: _Place, old: list[Data], new: list[Data], ranked: Ranked) -> list[Data]:
    """A ranked list in the order of another, as far as places changed only between numbers that tie within their bounds.

    What fell off the end of the list for another that ties with the last counts as still there.
    """

    def tie(a: Data, b: Data) -> bool:
        x, y = a[ranked.by], b[ranked.by]
        return bool(x == y or place.part(ranked.by).differ(x, y).share <= _ROUNDING)

    def name(item: Data) -> tuple[object, ...]:
        return tuple(item.get(key) for key in ranked.names)

    found = {name(item): item for item in new}
    return [
        found.get(name(a), a if tie(a, new[-1]) else b) if name(a) != name(b) and tie(a, b) else b
        for a, b in zip(old, new, strict=True)
    ]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _largest(value: Any) -> float:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return max(map(_largest, value), default=0)
    return abs(value) if _is_number(value) else 0


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - keeps one line
