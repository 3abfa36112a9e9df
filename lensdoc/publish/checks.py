"""Mistakes that Python-Markdown and pymdownx let pass without a word: blocks printed as text, blocks left open, ids given twice.

They are looked for in the tree of the page, so that what only looks like a block in code, comments or raw HTML is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import yaml
from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from pymdownx.blocks import BlocksProcessor
from pymdownx.blocks.block import Block, type_html_attribute_dict

from lensdoc.publish.context import Context
from lensdoc.records.errors import nearest

_HEADER = re.compile(r"[ \t]*(/{3,})[ \t]*([\w-]+)?[ \t]*(?:\|[ \t]*(.*?)[ \t]*)?$")
_UNPARTED = re.compile(r"[ \t]*(/{3,})[ \t]*([\w-]+)[ \t]+([^|\s].*?)[ \t]*$")
"""A block whose argument was written without the bar."""
_CODE = {"code", "pre"}


class BlockCheck(Treeprocessor):
    """Runs once the blocks are parsed and before inline Markdown: the text of paragraphs is still as it was written."""

    def __init__(self, md: Markdown, context: Context, blocks: BlocksProcessor) -> None:
        super().__init__(md)
        self.context = context
        self.blocks = blocks

    def run(self, root: ET.Element) -> None:
        """Report blocks that are printed as text, and blocks that are never closed."""
        open_blocks: list[str] = []
        for text in _prose(root):
            lines = text.split("\n")
            for i, line in enumerate(lines):
                header = _HEADER.match(line)
                if header and header[2]:
                    open_blocks.append(header[1])
                    at = self.context.source.line_of(_line_pattern(header[2], header[1]))
                    self.context.complain(self._why_printed(header, lines[i + 1 :]), at)
                elif (unparted := _UNPARTED.match(line)) and unparted[2].lower() in self.blocks.blocks:
                    open_blocks.append(unparted[1])
                    at = self.context.source.line_of(_line_pattern(unparted[2], unparted[1]))
                    cure = f"{unparted[1]} {unparted[2]} | {unparted[3]}"
                    self.context.complain(f"the argument of a block stands after '|'; write {cure}", at)
                elif header and header[1] in open_blocks:
                    open_blocks.remove(header[1])  # the end of a block that is printed, and reported, itself
                elif header:
                    self.context.complain(f"{header[1]} closes no block", self.context.source.next_stray_end())
        for entry in self.blocks.stack:
            slashes = "/" * entry.block.length
            message = f"the block {entry.block.NAME!r} is not closed; end it with a line {slashes}"
            self.context.complain(message, self.context.source.line_of(_line_pattern(entry.block.NAME, slashes)))

    def _why_printed(self, header: re.Match[str], rest: list[str]) -> str:
        _, name, argument = header.groups()
        known = self.blocks.blocks
        if name.lower() not in known:
            return f"unknown block {name!r}; {nearest(name, known)}"
        reason = _why_refused(known[name.lower()], argument, rest)
        return f"the block {name!r} is printed as text: {reason}"


class IdCheck(Treeprocessor):
    """Runs last, when every element has its id."""

    def __init__(self, md: Markdown, context: Context) -> None:
        super().__init__(md)
        self.context = context

    def run(self, root: ET.Element) -> None:
        """Report ids that stand twice."""
        seen: set[str] = set()
        for element in root.iter():
            name = element.get("id")
            if name in seen:
                pattern = rf"#{re.escape(name)}\b|\bid: *[\"']?{re.escape(name)}\b"
                first = self.context.source.line_of(pattern)
                second = self.context.source.line_of(pattern)
                self.context.complain(f"the id {name!r} stands twice; first on line {first}", second)
            elif name:
                seen.add(name)


def _prose(element: ET.Element) -> Iterator[str]:
    """Texts of the tree outside code."""
    if element.tag in _CODE:
        return
    if element.text:
        yield str(element.text)
    for child in element:
        yield from _prose(child)
        if child.tail:
            yield str(child.tail)


def _why_refused(block: type[Block], argument: str | None, rest: list[str]) -> str:
    """The reason for which pymdownx does not take a block that it knows; it tells nobody."""
    if block.ARGUMENT is True and not argument:
        return f"it needs an argument: /// {block.NAME} | ARGUMENT"
    if block.ARGUMENT is False and argument:
        return f"it takes no argument, and {argument!r} is one"
    lines = []
    for line in rest:
        if not line.startswith("    "):
            break
        lines.append(line)
    try:
        options = yaml.safe_load("\n".join(line[4:] for line in lines)) or {}
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return f"its options are not YAML: {' '.join(str(error).split())}"
    if not isinstance(options, dict):
        return "its options must be `name: value` lines"
    return _why_options_refused(block, options)


def _why_options_refused(block: type[Block], options: dict[object, object]) -> str:
    specification = {**block.OPTIONS, "attrs": ({}, type_html_attribute_dict)}
    for name, value in options.items():
        if name not in specification:
            return f"unknown option {str(name)!r}; {nearest(str(name), specification)}"
        try:
            specification[str(name)][1](value)
        except Exception as error:  # noqa: BLE001 - pymdownx takes any exception for a refusal
            return f"option {str(name)!r} will not do, it is {value!r}: {error}"
    return "its argument or its place will not do, or its options are not indented by four spaces directly below its first line"


def _line_pattern(name: str, slashes: str) -> str:
    return rf"^[ \t>*+-]*{slashes} *{re.escape(name)}(?![\w-])"
