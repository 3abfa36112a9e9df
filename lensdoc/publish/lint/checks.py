"""Mistakes that Python-Markdown and pymdownx let pass without a word: blocks printed as text, blocks left open, ids given twice.

They are looked for in the tree of the page, so that what only looks like a block in code, comments or raw HTML is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from xml.etree import ElementTree as ET

import yaml
from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString
from pymdownx.blocks import BlocksProcessor
from pymdownx.blocks.block import Block, type_html_attribute_dict

from lensdoc.core.names import nearest
from lensdoc.publish.state.page import PageState
from lensdoc.publish.syntax.block_parser import DEEPEST

_MARK = re.compile(r"[ \t]*(/{3,})(?:[ \t]*([\w-]+)(?:[ \t]*(\|)|(?=[ \t]|$))[ \t]*(.*?))?[ \t]*$")
"""A line of slashes: slashes, name, bar, argument."""
_CODE = {"code", "pre"}
_BARE = re.compile(r"(?<![`\\])\{(?P<role>val|spark)\}[ \t]+[^\s`]+/[^\s`]*")
"""A value without its backticks."""
_FOOTNOTE = re.compile(r"\[\^[^\s\[\]]+\]")


class BlockCheck(Treeprocessor):
    """Runs once the blocks are parsed and before inline Markdown: the text of paragraphs is still as it was written."""

    def __init__(self, md: Markdown, page: PageState, blocks: BlocksProcessor) -> None:
        """Args:
        md: The converter.
        page: The page that it renders.
        blocks: Its parser of blocks, which knows their names and those that are open.
        """  # noqa: D205
        super().__init__(md)
        self.page = page
        self.blocks = blocks

    def run(self, root: ET.Element) -> None:
        """Report blocks that are printed as text, and blocks that are never closed."""
        unclosed, strays = self.page.source.unpaired()
        printed: list[str] = []
        for text in _prose(root):
            lines = text.split("\n")
            for i, line in enumerate(lines):
                mark = _MARK.match(line)
                if mark and (reason := self._why_printed(mark, islice(lines, i + 1, None))):
                    printed.append(mark[1])
                    pattern = rf"^[ \t>*+-]*{re.escape(line.strip())}[ \t]*$"
                    below = lines[i + 1] if i + 1 < len(lines) else None
                    self.page.complain(reason, self.page.source.line_of(pattern, then=below, text=line))
                elif mark and not mark[2] and mark[1] in printed:
                    printed.remove(mark[1])  # the end of a block that is printed, and reported, itself
                elif mark and not mark[2]:
                    self.page.complain(f"unmatched {mark[1]}: it ends no block", strays.pop(0) if strays else None)
                for bare in _BARE.finditer(line):
                    role = f"a {bare['role']} stands in backticks: `{bare[0]}`"
                    self.page.complain(
                        f"{bare[0]!r} is printed as it is; {role}", self.page.source.line_of(re.escape(line), text=line)
                    )
        for entry in self.blocks.stack:
            message = f"the block {entry.block.NAME!r} is not closed; end it with a line {'/' * entry.block.length}"
            self.page.complain(message, unclosed.pop(0) if unclosed else None)

    def _why_printed(self, mark: re.Match[str], rest: Iterable[str]) -> str | None:
        """The reason for which a line that begins a block is printed as text; None for another line."""
        slashes, name, bar, argument = mark.groups()
        known = self.blocks.blocks
        block = known.get((name or "").lower())
        if not name or (argument and not bar and not block):
            return None
        if not block:
            return f"unknown block {name!r}; {nearest(name, known)}"
        if argument and not bar:
            return f"the argument of a block stands after '|'; write {slashes} {name} | {argument}"
        if len(self.blocks.stack) >= DEEPEST:
            return f"the block {name!r} is printed as text: {DEEPEST} blocks are open above it; close them"
        return f"the block {name!r} is printed as text: {_why_refused(block, argument, rest)}"


class FootnoteCheck(Treeprocessor):
    """Runs after inline Markdown: a footnote that is still text has none."""

    def __init__(self, md: Markdown, page: PageState) -> None:
        super().__init__(md)
        self.page = page

    def run(self, root: ET.Element) -> None:
        """Report each footnote that is printed as it is, once."""
        texts = [text for text in _prose(root) if not isinstance(text, AtomicString)]
        for written in dict.fromkeys(found for text in texts for found in _FOOTNOTE.findall(text)):
            line = self.page.source.line_of(rf"(?<![\\$]){re.escape(written)}", text=written)
            self.page.complain(f"{written} is printed as it is; {self._cure(written)}", line)

    def _cure(self, written: str) -> str:
        if "footnote" in self.md.inlinePatterns:
            return f"a paragraph of its own has the text: {written}: ..."
        return "add footnotes to markdown_extensions"


class IdCheck(Treeprocessor):
    """Runs last, when every element has its id."""

    def __init__(self, md: Markdown, page: PageState) -> None:
        super().__init__(md)
        self.page = page

    def run(self, root: ET.Element) -> None:
        """Report duplicate ids."""
        seen: set[str] = set()
        for element in root.iter():
            name = element.get("id")
            if name in seen:
                pattern = rf"(?<![(<]#)(?:(?<=#)|\bid: *[\"']?){re.escape(name)}(?![\w-])"
                first = self.page.source.line_of(pattern, text=name)
                second = self.page.source.line_of(pattern, text=name)
                where = (
                    f"first on line {first}" if first else "no line says it: two extensions of Markdown make it; use one of them"
                )
                self.page.complain(f"duplicate id {name!r}; {where}", second)
            elif name:
                seen.add(name)


def _prose(element: ET.Element) -> Iterator[str]:
    """Texts of the tree outside code."""
    if element.tag in _CODE:
        return
    if element.text:
        yield element.text
    for child in element:
        yield from _prose(child)
        if child.tail:
            yield child.tail


def _why_refused(block: type[Block], argument: str | None, rest: Iterable[str]) -> str:
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
            return f"option {str(name)!r} is invalid, it is {value!r}: {error}"
    return "its argument or its place is invalid, or its options are not indented by four spaces directly below its first line"
