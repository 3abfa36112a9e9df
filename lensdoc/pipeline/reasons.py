"""What changed between two sets of components, in words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from lensdoc.pipeline.key import Components

_WIDTH = 40
_KEPT = 10
"""Characters shown before the first difference of two long values."""


def differences(before: Components, after: Components, numbers: Sequence[int] = ()) -> list[str]:
    """What changed, from what to what, one line each; `numbers` are those of the code cells among all cells."""
    changed = [
        (component, part, old.get(part), new.get(part))
        for component in sorted(before.keys() | after.keys())
        for old, new in [(before.get(component, {}), after.get(component, {}))]
        for part in sorted(old.keys() | new.keys(), key=_in_order)
        # As JSON, to which 1, 1.0 and true are three values.
        if json.dumps(old.get(part), sort_keys=True) != json.dumps(new.get(part), sort_keys=True)
    ]
    precision = any(component == "settings" and part == "versions" for component, part, _, _ in changed)
    return [
        _line(*change, numbers)
        for change in changed
        if not (precision and change[0] == "versions" and _same_version(*change[2:]))
    ]


def _same_version(old: str | None, new: str | None) -> bool:
    """Whether two versions differ only in how much of them is written."""
    return old is not None and new is not None and f"{old}.".startswith(f"{new}.") != f"{new}.".startswith(f"{old}.")


def _in_order(part: str) -> tuple[int, str]:
    return (int(part) if part.isdigit() else 0, part)


def _line(component: str, part: str, old: Any, new: Any, numbers: Sequence[int]) -> str:  # noqa: ANN401 - any JSON
    match component:
        case "cells" if part == "parameters":
            return f"the tag `parameters`: {_cell(old, numbers)} -> {_cell(new, numbers)}"
        case "cells" | "code" | "inputs":
            name = _cell(int(part), numbers) if component == "cells" else part
            return f"{'input ' * (component == 'inputs')}{name} {_happened(old, new)}"
        case "versions" | "python":
            return f"{part if component == 'versions' else 'Python'} {old or 'none'} -> {new or 'none'}"
    was, now = _shown(old, new)
    return f"{component.removesuffix('s')} {part}: {was} -> {now}"


def _cell(index: int | None, numbers: Sequence[int]) -> str:
    """A code cell by its number among all cells; one that the notebook no longer has, among code cells."""
    if index is None:
        return "none"
    return f"cell {numbers[index]}" if index < len(numbers) else f"code cell {index + 1}"


def _happened(old: str | None, new: str | None) -> str:
    return "is new" if not old else "is gone" if not new else "changed"


def _shown(old: Any, new: Any) -> tuple[str, str]:  # noqa: ANN401 - any JSON
    """Two values on one line: of long ones the place where they part."""
    texts = ["none" if value is None else json.dumps(value) for value in (old, new)]
    same = next((i for i, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), min(map(len, texts)))
    start = max(same - _KEPT, 0) if max(map(len, texts)) > _WIDTH and same >= _WIDTH - _KEPT else 0
    first, second = (
        f"{'...' * (start > 0)}{text[start : start + _WIDTH]}{'...' * (len(text) > start + _WIDTH)}" for text in texts
    )
    return first, second
