"""The matrix of an entry of runs.yml: one run for each combination of the values on its axes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import product
from string import Formatter

from pydantic import JsonValue

from lensdoc.core.errors import RunError
from lensdoc.core.names import nearest

Where = Callable[..., str]
"""Says file, line and run of a field of the entry."""

_LABEL = re.compile(r"[A-Za-z0-9._-]*")


def expand(run: str, matrix: Mapping[str, JsonValue], template: str | None, where: Where) -> dict[str, dict[str, JsonValue]]:
    """The names of the runs, and the parameters that each sets.

    Args:
        run: Name of the entry; all names lie below it.
        matrix: Axis to a list of values, which stand in names as they are, a slash as `--`; or to a mapping of labels to values.
        template: Names the runs, such as `{model}-{seed}`; by default a segment for each axis, `model-a/seed-1`.
        where: For messages.

    Raises:
        RunError: An axis is empty, a value cannot stand in a name, the template names no axis, or two runs get one name.
    """
    if not matrix:
        raise RunError(f"{where('matrix')}: the matrix has no axis; write `matrix: {{seed: [1, 2]}}`, or leave it out")
    if template is None:
        template = "/".join(f"{axis}-{{{axis}}}" for axis in matrix)
    named = _axes_named(template, matrix, where("name"))
    axes = [_labelled(axis, values, axis in named, where("matrix", axis)) for axis, values in matrix.items()]
    runs: dict[str, dict[str, JsonValue]] = {}
    for combination in product(*axes):
        labels = {axis: label for axis, (label, _) in zip(matrix, combination, strict=True)}
        name = f"{run}/{template.format(**labels)}"
        if name in runs:
            raise RunError(
                f"{where('matrix')}: two combinations are called {name!r}; `name` must hold each axis with several values "
                f"({', '.join(f'{{{axis}}}' for axis in matrix)}), and values that read alike need labels: {{label: value}}"
            )
        runs[name] = {axis: value for axis, (_, value) in zip(matrix, combination, strict=True)}
    return runs


def _axes_named(template: str, matrix: Mapping[str, JsonValue], where: str) -> set[str]:
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise RunError(f"{where}: name: {template!r} is no template: {error}; write it like '{{model}}-{{seed}}'") from None
    axes = set()
    for _, axis, spec, conversion in parts:
        if axis is not None and axis not in matrix:
            raise RunError(f"{where}: name: {template!r} names no axis {axis!r}; {nearest(axis, matrix)}")
        if spec or conversion:
            raise RunError(f"{where}: name: {template!r}: axes stand in it as they are, without ':' or '!'")
        if axis is not None:
            axes.add(axis)
    return axes


def _labelled(axis: str, values: JsonValue, named: bool, where: str) -> list[tuple[str, JsonValue]]:  # noqa: FBT001
    """Label and value of each point of an axis; labels of an axis that names do not show are empty."""
    if not isinstance(values, list | dict) or not values:
        raise RunError(f"{where}: the axis {axis!r} takes a list of at least one value, or labels with values; it is {values!r}")
    pairs = values.items() if isinstance(values, dict) else [(_text(value), value) for value in values]
    if not named:
        return [("", value) for _, value in pairs]
    for label, value in pairs:
        if label is None or not _LABEL.fullmatch(label):
            raise RunError(
                f"{where}: {value if label is None else label!r} cannot stand in the name of a run, "
                f"which has letters, digits, '.', '_' and '-'; give values labels: `{axis}: {{label: value}}`"
            )
    return [(str(label), value) for label, value in pairs]


def _text(value: JsonValue) -> str | None:
    """A value as names show it, as YAML writes it; None for what is no text, number or truth value."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).replace("/", "--") if isinstance(value, str | int | float) else None
