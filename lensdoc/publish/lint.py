"""Mistakes in the source of a page, each with its line.

Python-Markdown does not know lines, and pymdownx prints a mistyped block as text without a word; so the source is read once more,
outside of fences and code spans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from textwrap import dedent

import yaml
from pymdownx.blocks.block import type_html_attribute_dict

from lensdoc.publish.blocks import ExplorableBlock, resolve
from lensdoc.publish.context import Context
from lensdoc.publish.values import CODE_SPAN, PREFIX, read_value
from lensdoc.records.errors import LensdocError, nearest

Problem = tuple[int, str]
"""Line from 1, message."""

_FENCE = re.compile(r"[ >]*(`{3,}|~{3,})")
_BLOCK = re.compile(r" {0,3}(/{3,}) *([\w-]+) *(?:\| *(.*?) *)?$")
_END = re.compile(r" {0,3}(/{3,}) *$")
_OPTION_INDENT = "    "
_ID = re.compile(r"\{[^{}]*#([\w:.-]+)[^{}]*\}\s*$")


@dataclass
class _Block:
    line: int
    slashes: int
    name: str
    argument: str
    options: list[str] = field(default_factory=list)
    in_header: bool = True


def lint(lines: Sequence[str], context: Context, names: Sequence[str]) -> Iterator[Problem]:
    """All mistakes of a page, in the order of its lines.

    Args:
        lines: The Markdown source.
        context: Where the records are.
        names: The blocks that are registered.
    """
    yield from sorted(_problems(lines, context, names))


def _problems(lines: Sequence[str], context: Context, names: Sequence[str]) -> Iterator[Problem]:
    blocks: list[_Block] = []
    ids: dict[str, int] = {}
    stack: list[_Block] = []
    for number, line in _outside_fences(lines):
        if stack and stack[-1].in_header:
            if line.startswith(_OPTION_INDENT):
                stack[-1].options.append(line)
                continue
            stack[-1].in_header = False
        if start := _BLOCK.match(line):
            block = _Block(number, len(start[1]), start[2].lower(), start[3] or "")
            blocks.append(block)
            stack.append(block)
        elif end := _END.match(line):
            if stack and stack[-1].slashes == len(end[1]):
                stack.pop()
            else:
                yield number, f"{end[1]} closes no block"
        else:
            yield from _values(number, line, context)
            if found := _ID.search(line):
                yield from _repeated(found[1], number, ids)
    for block in stack:
        yield block.line, f"the block {block.name!r} is not closed; end it with a line {'/' * block.slashes}"
    for block in blocks:
        yield from _check_block(block, context, names, ids)


def _outside_fences(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    fence = ""
    for number, line in enumerate(lines, 1):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line[mark.end() :].strip():
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            yield number, line


def _values(number: int, line: str, context: Context) -> Iterator[Problem]:
    for ticks, code in re.findall(CODE_SPAN, line):
        if ticks == "`" and code.startswith(PREFIX):
            context.checked.add(code)
            try:
                read_value(code.removeprefix(PREFIX), context)
            except LensdocError as error:
                yield number, str(error)


def _repeated(name: str, number: int, ids: dict[str, int]) -> Iterator[Problem]:
    if name in ids:
        yield number, f"the id {name!r} stands twice; first on line {ids[name]}"
    else:
        ids[name] = number


def _check_block(block: _Block, context: Context, names: Sequence[str], ids: dict[str, int]) -> Iterator[Problem]:
    if block.name not in names:
        yield block.line, f"unknown block {block.name!r}; {nearest(block.name, names)}"
        return
    try:
        options = yaml.safe_load(dedent("\n".join(block.options))) or {}
    except yaml.YAMLError as error:
        yield block.line, f"the options of the block {block.name!r} are not YAML: {' '.join(str(error).split())}"
        return
    if not isinstance(options, dict):
        yield block.line, f"the options of the block {block.name!r} must be `name: value` lines"
        return
    try:
        attributes = type_html_attribute_dict(options.pop("attrs", {}))
    except ValueError as error:
        yield block.line, f"attrs of the block {block.name!r} must be like {{id: fig-name, class: name}}: {error}"
        return
    if "id" in attributes:
        yield from _repeated(str(attributes["id"]), block.line, ids)
    if block.name == ExplorableBlock.NAME:
        yield from _check_explorable(block, options, context)


def _check_explorable(block: _Block, options: dict[str, object], context: Context) -> Iterator[Problem]:
    if not block.argument:
        yield block.line, "an explorable names its record: /// explorable | RUN/NAME"
        return
    try:
        resolve(block.argument, options, context)
    except LensdocError as error:
        yield block.line, str(error)
