"""Several records in one figure: `/// explorable | eu/{seed}/saliency`, or their names with commas between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile

from lensdoc.core.errors import PublishError
from lensdoc.core.names import nearest
from lensdoc.publish.figures.matching import Complain, known_names, read_there, without_gone
from lensdoc.publish.state.page import PageState
from lensdoc.records.record import Record

CHOICE, BESIDE = "choice", "beside"
SHOWS = (CHOICE, BESIDE)
"""Ways to show several records."""
OPTIONS = ("show", "names")
"""Options of a block with several records, beside those of their kind."""
LIST = "choice"
"""Name of the state of a list of records, which are numbered from 1; that of a matrix is its axis."""
_AXIS = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Several:
    """The records of a figure, of which the first is shown where nothing is chosen."""

    show: str
    axis: str
    """What a reader chooses, and an address names: `seed`."""
    values: tuple[str, ...]
    """What an address says of each: `2`."""
    labels: tuple[str, ...]
    """What a reader sees of each."""
    names: tuple[str, ...]
    """`RUN/NAME` of each."""
    records: tuple[Record, ...]
    drawn: list[str] = field(default_factory=list)
    """The drawing of each, as HTML."""

    @property
    def by_value(self) -> dict[str, Record]:
        """The record of each value."""
        return dict(zip(self.values, self.records, strict=True))


def is_several(argument: str) -> bool:
    """Whether the argument of a block names more than one record."""
    return "," in argument or "{" in argument


def read_several(argument: str, given: Mapping[str, object], page: PageState, complain: Complain) -> Several:
    """The records that a block names, and how they are shown.

    Args:
        argument: Names with commas between them, or one with an axis of a matrix in braces.
        given: The options `show` and `names`.
        page: Where the records are.
        complain: Receives each record of a matrix that is left out: its run has not made it, or is gone.

    Raises:
        PublishError: An option is missing or unknown, a record does not exist, no run has the axis, or the kinds differ.
    """
    show = given.get("show")
    if show not in SHOWS:
        told = "is missing" if show is None else f"is {show!r}, which it cannot be"
        raise PublishError(f"{argument!r} names several records, and the option 'show' {told}; {nearest(str(show), SHOWS)}")
    axis, values, labels, names = _of_axis(argument, page, complain) if "{" in argument else _of_list(argument)
    there = read_there(names, page, complain)
    labels = _labels(given.get("names"), labels)
    kept = [place for place, name in enumerate(names) if name in there]
    values, labels, names = (tuple(each[place] for place in kept) for each in (values, labels, names))
    records = tuple(there.values())
    _check_kinds(names, records)
    if axis != LIST and not all(axis in record.provenance.parameters for record in records):
        known = sorted({parameter for record in records for parameter in record.provenance.parameters})
        raise PublishError(f"the runs of {argument!r} have no parameter {axis!r}; {nearest(axis, known)}")
    return Several(str(show), axis, values, labels, names, records)


_Found = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""Axis, values, labels, names."""


def _of_list(argument: str) -> _Found:
    names = tuple(name.strip() for name in argument.split(","))
    if not all(names):
        raise PublishError(f"{argument!r} lacks a name beside a comma; write RUN/NAME, RUN/NAME")
    if doubled := next((name for i, name in enumerate(names) if name in names[:i]), None):
        raise PublishError(f"{argument!r} names {doubled!r} twice; name each record once")
    return LIST, tuple(map(str, range(1, len(names) + 1))), _parts_that_differ(names), names


def _of_axis(argument: str, page: PageState, complain: Complain) -> _Found:
    axes = _AXIS.findall(argument)
    if len(axes) != 1 or argument.count("{") != 1 or not re.fullmatch(r"[A-Za-z_]\w*", axes[0]):
        raise PublishError(f"{argument!r}: one axis of a matrix stands in braces, as in eu/{{seed}}/saliency; name the others")
    before, after = _AXIS.split(argument.strip())[::2]
    pattern = re.compile(rf"{re.escape(before)}(?:{axes[0]}-)?([^/]+){re.escape(after)}")
    known = known_names(page)
    ordered = without_gone(list(filter(pattern.fullmatch, known)), page, complain)
    found = {name: match[1] for name in ordered if (match := pattern.fullmatch(name))}
    if not found:
        near = nearest(argument.strip(), _patterns(known, axes[0]))
        raise PublishError(f"no run of a matrix fits {argument!r}; {near}")
    return axes[0], tuple(found.values()), tuple(found.values()), tuple(found)


def _patterns(names: Iterable[str], axis: str) -> list[str]:
    """What authors could have written: each name with the axis in place of one of its inner parts, and those that fit several."""
    found: dict[str, int] = {}
    for parts in (name.split("/") for name in names):
        for place in range(1, len(parts) - 1):
            written = "/".join([*parts[:place], f"{{{parts[place].split('-')[0] or axis}}}", *parts[place + 1 :]])
            found[written] = found.get(written, 0) + 1
    return [written for written, count in found.items() if count > 1]


def _parts_that_differ(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names without the parts with which all of them begin or end."""
    split = [name.split("/") for name in names]
    first = len(list(takewhile(lambda parts: len(set(parts)) == 1, zip(*split, strict=False))))
    last = len(list(takewhile(lambda parts: len(set(parts)) == 1, zip(*(parts[first:][::-1] for parts in split), strict=False))))
    return tuple("/".join(parts[first : len(parts) - last]) or "/".join(parts) for parts in split)


def _labels(given: object, usual: tuple[str, ...]) -> tuple[str, ...]:
    if given is None:
        return usual
    if not isinstance(given, list) or len(given) != len(usual) or len({str(name) for name in given}) != len(usual):
        raise PublishError(f"option 'names' must be a list of {len(usual)} different names, one for each record, it is {given!r}")
    return tuple(map(str, given))


def _check_kinds(names: tuple[str, ...], records: tuple[Record, ...]) -> None:
    first = records[0].KIND
    for name, record in zip(names, records, strict=True):
        if first != record.KIND:
            raise PublishError(
                f"one figure shows records of one kind: {names[0]} is of kind {first!r}, {name} of kind {record.KIND!r}"
            )
