"""Values in prose: `{val} RUN/NAME PATH [:SPEC]`, a look-up in a record, or the difference or ratio of two, and never code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lensdoc.core.errors import PublishError
from lensdoc.core.names import nearest
from lensdoc.explorables.display import visible
from lensdoc.publish.values.arithmetic import Quantity, read_expression
from lensdoc.records.fields import StrictData
from lensdoc.records.table import Table

if TYPE_CHECKING:
    from lensdoc.publish.state.page import PageState

_REFERENCE = re.compile(r"(?P<record>\S+/[A-Za-z0-9_-]+)(?P<path>(?:\.[A-Za-z_]\w*|\[\d+\])+)")
_CELL = re.compile(r"\.rows\[\d+\]\[(\d+)\]")
"""Path of a value of a table."""
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]")
_LOOSE_SPACE = re.compile("^ | $|(?<=[ ‘⏎]) | (?=[ ’])")
"""A space that belongs to a token: a line must not end there, and HTML would fold several into one."""
_SPEC = re.compile(r"(?:[^{}]?[<>=^])?[-+ ]?#?0?(\d{0,2})[,_]?(?:\.\d{1,2})?[bdeEfFgGosxX%]?")


def read_value(reference: str, page: PageState) -> str:
    """The text of a value.

    Args:
        reference: What stands after `{val}`: `counting/two-factors.facts.factor_1_share:.0%`, or two of them with ` - ` or ` / `.
        page: Where the records are.

    Raises:
        PublishError: The reference cannot be read, or names nothing; the message lists the nearest names.
    """
    target, _, spec = reference.strip().partition(":")
    return formatted(read_expression(target, lambda name: quantity(name, page)).value, spec.strip(), target.strip())


def quantity(target: str, page: PageState) -> Quantity:
    """What `RUN/NAME.path` names, with the unit that a table says of its column."""
    name, path = locate(target)
    record, cell = page.record(name), _CELL.fullmatch(path)
    unit = record.columns[int(cell[1])].unit if cell and isinstance(record, Table) and int(cell[1]) < len(record.columns) else ""
    return Quantity(look_up(target, page), unit)


def look_up(target: str, page: PageState) -> object:
    """What `RUN/NAME.path` names.

    Raises:
        PublishError: The target cannot be read, or names nothing; the message lists the nearest names.
    """
    name, path = locate(target)
    value: object = page.record(name)
    for field, index in _STEP.findall(path):
        value = _item(value, int(index), target) if index else _field(value, field, target)
    return value


def locate(reference: str) -> tuple[str, str]:
    """The record of a value, and its path in there.

    Raises:
        PublishError: The reference cannot be read.
    """
    found = _REFERENCE.fullmatch(reference.partition(":")[0].strip())
    if not found:
        raise PublishError(f"a value is written `{{val}} RUN/NAME.field:format`, not {reference.strip()!r}")
    return found["record"], found["path"]


def _field(value: object, name: str, target: str) -> object:
    if isinstance(value, StrictData):
        names = list(type(value).model_fields)
        found = getattr(value, name) if name in names else None
    elif isinstance(value, dict):
        names, found = list(value), value.get(name)
    else:
        raise PublishError(f"{target}: nothing has a field {name!r} in a {_kind(value)}")
    if name not in names:
        fact = name in getattr(value, "facts", {})
        said = f"did you mean facts.{name}? (fields: {', '.join(sorted(names))})" if fact else nearest(name, names)
        raise PublishError(f"{target}: unknown field {name!r}; {said}")
    return found


def _item(value: object, index: int, target: str) -> object:
    if not isinstance(value, tuple | list):
        raise PublishError(f"{target}: [{index}] asks for an item of a {_kind(value)}")
    if index >= len(value):
        raise PublishError(f"{target}: [{index}] is out of range; the last item is [{len(value) - 1}]")
    return value[index]


def formatted(value: object, spec: str, target: str) -> str:
    """The text of one number or string, in a format of Python; with a minus as figures have it, and none where it is shown as 0.

    Raises:
        PublishError: The value is neither, or the format is none or does not fit it.
    """
    if not isinstance(value, int | float | str):
        raise PublishError(f"{target} is a {_kind(value)}; a value in prose is one number or string, so name a part of it")
    if not _SPEC.fullmatch(spec):
        raise PublishError(f"{target}: format {spec!r} is invalid; use Python's format specification with a width below 100")
    try:
        text = format(value, spec)
    except (ValueError, OverflowError) as error:
        raise PublishError(f"{target}: format {spec!r} does not fit {value!r}: {error}") from None
    if not isinstance(value, str) and text.lstrip().startswith("-"):
        text = text.replace("-", "\N{MINUS SIGN}" if re.search("[1-9a-fA-F]", text) else "", 1)
    return _LOOSE_SPACE.sub("\N{NO-BREAK SPACE}", visible(text))


def _kind(value: object) -> str:
    return "record part" if isinstance(value, StrictData) else "null" if value is None else type(value).__name__
