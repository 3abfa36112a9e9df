"""The code blocks of the guide and the README: found with their marks, and followed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    DOCS / "gallery.md",
    *sorted((DOCS / "guide").rglob("*.md")),
    *sorted((DOCS / "explorables").glob("*.md")),
]
_FENCE = re.compile(r"(?P<indent> *)(?P<ticks>`{3,})(?P<language>\w*)(?: title=(?P<quote>[\"'])(?P<title>.*)(?P=quote))?\s*")
_MARK = re.compile(r"<!-- (?P<mark>.*) -->")
NOT_RUN = "not run: "
"""Begins the mark of a block that no test runs; its reason follows."""
EXITS = "exits with 1: "
BELOW = "below: "
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    """Of its fence."""
    language: str
    title: str
    """Where it belongs: a file, or a file and a place in it after a comma."""
    text: str
    mark: str
    """The comment above it."""

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def not_run(self) -> str:
        """The reason for which no test runs it."""
        return self.mark.removeprefix(NOT_RUN) if self.mark.startswith(NOT_RUN) else ""


def blocks(page: Path, *languages: str) -> list[Block]:
    """The blocks of a page in these languages, or all; what stands inside another block is none."""
    found, lines, at = [], page.read_text().split("\n"), 0
    while at < len(lines):
        fence = _FENCE.fullmatch(lines[at])
        if not fence:
            at += 1
            continue
        end = next(i for i in range(at + 1, len(lines)) if lines[i].strip() == fence["ticks"])
        text = "\n".join(line.removeprefix(fence["indent"]) for line in lines[at + 1 : end])
        mark = _MARK.fullmatch(lines[at - 1].strip())
        found.append(Block(page, at + 1, fence["language"], fence["title"] or "", f"{text}\n", mark["mark"] if mark else ""))
        at = end + 1
    return [block for block in found if not languages or block.language in languages]


def put(block: Block, folder: Path) -> None:
    """Do what a block with a title says: write a file, add to its end, add a cell, or add lines below one."""
    name, _, place = block.title.partition(", ")
    path = folder / name
    if place == "":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text)
    elif place == "at the end":
        path.write_text(f"{path.read_text().rstrip()}\n\n{block.text}")
    elif place in ("the parameters", "a new cell"):
        _add_cell(path, block.text.rstrip("\n"), ["parameters"] if place == "the parameters" else [])
    else:
        assert place.startswith(BELOW), f"{block.place}: nobody knows how to follow {block.title!r}"
        _add_below(path, place.removeprefix(BELOW), block)


def _add_cell(path: Path, source: str, tags: list[str]) -> None:
    """Put a code cell at the end of a notebook, which the cell with the parameters begins."""
    notebook = (
        json.loads(path.read_text()) if path.exists() else {"cells": [], "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}
    )
    cell = {"cell_type": "code", "execution_count": None, "id": f"new-{len(notebook['cells'])}", "outputs": []}
    notebook["cells"].append(cell | {"metadata": {"tags": tags}, "source": source.splitlines(keepends=True)})
    path.write_text(json.dumps(notebook))


def _add_below(path: Path, line: str, block: Block) -> None:
    """Put lines below the one line that reads so."""
    lines = path.read_text().split("\n")
    places = [i for i, text in enumerate(lines) if text.strip() == line]
    assert len(places) == 1, f"{block.place}: {line!r} stands {len(places)} times in {path.name}"
    lines.insert(places[0] + 1, block.text.rstrip("\n"))
    path.write_text("\n".join(lines))
