"""States that figures are told by links and addresses: names with whole numbers, `layer=5,head=3`."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Mapping, Sequence
from typing import Any

from lensdoc.core.errors import PublishError
from lensdoc.core.names import nearest
from lensdoc.explorables.kinds import Explorable, explorable
from lensdoc.records.record import Record

_PART = re.compile(r"([A-Za-z_]\w*)=([^,=]+)")
_LISTED = 3
"""Values that a message lists; of more it gives the ends, and those beside the one that is asked for."""


def read_state(written: str) -> dict[str, str]:
    """The names of a state with their values.

    Args:
        written: `layer=5,head=3`.

    Raises:
        PublishError: It is written otherwise, or gives a name twice.
    """
    parts = [_PART.fullmatch(part) for part in written.split(",")]
    found = {part[1]: part[2] for part in parts if part}
    if not all(parts):
        raise PublishError(f"a state is written layer=5,head=3, not {written!r}")
    if len(found) < len(parts):
        raise PublishError(f"the state {written!r} gives a name twice; give each once")
    return found


def check_state(name: str, record: Record, options: Mapping[str, Any], written: str, *, also: str = "") -> dict[str, int]:
    """See that a figure shows something in a state, and give the state.

    Args:
        name: The figure's, for messages.
        record: What the figure shows.
        options: The options with which it is drawn.
        written: The state.
        also: Another name that a state of the figure may have, for messages.

    Raises:
        PublishError: The kind has no such name, the record no such value, or nothing would be shown.
    """
    kind, asked = explorable(record.KIND), read_state(written)
    state = {}
    for one, value in asked.items():
        if one not in kind.states:
            names = [*kind.states, *([also] if also else [])]
            raise PublishError(f"the figure {name!r} of kind {record.KIND!r} has no state {one!r}; {nearest(one, names)}")
        valid = list(kind.states[one](record))
        if value not in map(str, valid):
            raise PublishError(f"the figure {name!r} has no {one} {value!r}; {_valid(value, valid)}")
        state[one] = int(value)
    _check_together(name, kind, record, state)
    if reason := kind.empty(record, options, state):
        raise PublishError(f"the figure {name!r} shows nothing at {written}: {reason}")
    return state


def _check_together(name: str, kind: Explorable, record: Record, state: Mapping[str, int]) -> None:
    """A cell of a grid has a row and a column; what a record has one of need not be told."""
    needed = [one for one in kind.together if len(kind.states[one](record))]
    missing = [one for one in needed if one not in state]
    if missing:
        example = ",".join(f"{one}={state.get(one, kind.states[one](record)[0])}" for one in needed)
        raise PublishError(f"the figure {name!r} needs {' and '.join(missing)} too, for example {example}")


def _valid(value: str, valid: Sequence[int]) -> str:
    """Valid values in words, and where there are gaps between them those beside the one that is asked for."""
    if not valid:
        return "it has none"
    if len(valid) <= _LISTED:
        return f"valid: {', '.join(map(str, valid))}"
    ends = f"valid: {min(valid)} to {max(valid)}"
    if not re.fullmatch(r"\d{1,9}", value) or len(valid) == max(valid) - min(valid) + 1:
        return ends
    ordered = sorted(valid)
    at = bisect(ordered, int(value))
    return f"{ends}; nearest: {' and '.join(map(str, ordered[max(0, at - 1) : at + 1]))}"
