"""What was measured, as Markdown."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import environments

PAGE = environments.ROOT / "docs" / "benchmarks.md"
AIMS_HEAD = "| aim | measured | to reach | reached |\n|---|--:|--:|---|"
GIGABYTE = 1000


Tables = list[tuple[Any, dict[str, dict[str, float]]]]
"""A work, and for each library its medians."""
Aim = tuple[str, float, str, float]
"""What, the figure, `>=` or `<=`, the bound."""


def markdown(tables: Tables, aims: Iterable[Aim], rounds: int) -> str:
    """Tables of all works, and of what was to be reached."""
    parts = [machine(rounds)]
    for work, found in tables:
        rows = [_row(library, one, found["lensdoc"]) for library, one in found.items()]
        head = "| library | CPU seconds | times ours | seconds | memory, MB |\n|---|--:|--:|--:|--:|"
        parts.append("\n".join([f"## {work.name}\n", head, *rows]))
    reached = "\n".join(aim(*each) for each in aims)
    parts.append(f"## What was to be reached\n\n{AIMS_HEAD}\n{reached}")
    return "\n\n".join(parts)


def write(text: str, part: str) -> None:
    """Put the text between the marks of a part of the page."""
    begin, end = f"<!-- {part}: begin -->", f"<!-- {part}: end -->"
    before, rest = PAGE.read_text(encoding="utf-8").split(begin)
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{rest.split(end)[1]}", encoding="utf-8")


def machine(rounds: int) -> str:
    """What was measured on, and how often."""
    known = Path("/proc/cpuinfo")
    model = re.search(r"^model name\s*:\s*(.+)$", known.read_text(), re.MULTILINE) if known.exists() else None
    processor = model[1] if model else platform.machine()
    taken = f"medians of {rounds} rounds" if rounds > 1 else "one round"
    return f"{os.cpu_count()} cores ({processor}), Python {platform.python_version()}, {taken}."


WAYS = {
    "captum:integrated_gradients_last": "logits of the last position alone",
    "nnsight:lens_vectorised": "all positions at once",
}
"""What a second way of a library is."""


def _row(library: str, one: dict[str, float], ours: dict[str, float]) -> str:
    package = environments.PACKAGES.get(library.partition(":")[0], "**lensdoc**").replace("==", " ")
    name = f"{package}, {WAYS[library]}" if library in WAYS else package
    return f"| {name} | {one['cpu']:.2f} | {one['cpu'] / ours['cpu']:.2f} | {one['wall']:.2f} | {one['memory']:,.0f} |"


def _ratio(tables: Tables, work: str, library: str, key: str = "cpu") -> float:
    found = {one.function: each for one, each in tables}[work]
    return found[library][key] / found["lensdoc"][key]


def real_aims(tables: Tables) -> Iterator[Aim]:
    """What was to be reached on the real model."""
    yield "gradient x input: Captum / lensdoc", _ratio(tables, "gradient_x_input", "captum"), ">=", 2.7
    yield "gradient x input: interpreto / lensdoc", _ratio(tables, "gradient_x_input", "interpreto"), ">=", 1.8
    yield "lens: nnsight, all positions at once / lensdoc", _ratio(tables, "lens", "nnsight:lens_vectorised"), ">=", 1.0


def aims(tables: Tables, alone: dict[str, dict[str, Any]]) -> Iterator[Aim]:
    """What was to be reached on random weights."""

    def ratio(work: str, library: str, key: str = "cpu") -> float:
        return _ratio(tables, work, library, key)

    yield "gradient x input: Captum / lensdoc", ratio("gradient_x_input", "captum"), ">=", 4.0
    yield "gradient x input: interpreto / lensdoc", ratio("gradient_x_input", "interpreto"), ">=", 2.3
    yield (
        "gradient x input: lensdoc / its operations at the rate of large products",
        alone["matrix_rate"]["result"]["ratio"],
        "<=",
        1.3,
    )
    yield "integrated gradients: Captum / lensdoc", ratio("integrated_gradients", "captum"), ">=", 2.1
    yield "integrated gradients, memory: Captum / lensdoc", ratio("integrated_gradients", "captum", "memory"), ">=", 2.0
    yield "lens: TransformerLens / lensdoc", ratio("lens", "transformer_lens"), ">=", 1.0
    yield "lens: positions sorted one by one, with nnsight / lensdoc", ratio("lens", "nnsight"), ">=", 2.5
    yield "lens, memory: TransformerLens / lensdoc", ratio("lens", "transformer_lens", "memory"), ">=", 1.0
    yield (
        "three measures of one trace / each alone, less the pass they share",
        alone["three_measures"]["result"]["ratio"],
        "<=",
        1.15,
    )
    yield "saliency of 256 produced tokens: memory in GB", alone["many_targets"]["memory"] / GIGABYTE, "<=", 3.0


def aim(what: str, figure: float, sign: str, bound: float) -> str:
    """One row of a table of what was to be reached."""
    reached = figure >= bound if sign == ">=" else figure <= bound
    return (
        f"| {what} | {figure:.2f} | {'at least' if sign == '>=' else 'at most'} {bound:.2f} | {'yes' if reached else '**no**'} |"
    )
