"""What was measured, as Markdown."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import environments

PAGE = environments.ROOT / "docs" / "benchmarks.md"
AIMS_HEAD = "| aim | measured | to reach | reached |\n|---|--:|--:|---|"
GIGABYTE = 1000


def markdown(tables: list[tuple[Any, dict[str, dict[str, float]]]], alone: dict[str, dict[str, Any]], rounds: int) -> str:
    """Tables of all works, and of what was to be reached."""
    parts = [machine(rounds)]
    for work, found in tables:
        rows = [_row(library, one, found["lensdoc"]) for library, one in found.items()]
        head = "| library | CPU seconds | times ours | seconds | memory, MB |\n|---|--:|--:|--:|--:|"
        parts.append("\n".join([f"## {work.name}\n", head, *rows]))
    found = {work.function: each for work, each in tables}
    reached = "\n".join(aim(*each) for each in _aims(found, alone))
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
    return f"{os.cpu_count()} cores ({processor}), Python {platform.python_version()}, medians of {rounds} rounds."


def _row(library: str, one: dict[str, float], ours: dict[str, float]) -> str:
    name = environments.PACKAGES.get(library, "**lensdoc**").replace("==", " ")
    return f"| {name} | {one['cpu']:.2f} | {one['cpu'] / ours['cpu']:.2f} | {one['wall']:.2f} | {one['memory']:,.0f} |"


def _aims(
    found: dict[str, dict[str, dict[str, float]]], alone: dict[str, dict[str, Any]]
) -> Iterator[tuple[str, float, str, float]]:
    """What, the figure, `>=` or `<=`, the bound."""

    def ratio(work: str, library: str, key: str = "cpu") -> float:
        return found[work][library][key] / found[work]["lensdoc"][key]

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
