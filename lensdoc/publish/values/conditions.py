"""Prose that holds only under a condition: `/// when | RUN/NAME.path OP VALUE`, and `/// otherwise`.

A condition is a look-up and a comparison, never code, and is decided when the page is built.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from pymdownx.blocks import BlocksProcessor
from pymdownx.blocks.block import Block

from lensdoc.core.errors import LensdocError, PublishError
from lensdoc.publish.state.page import PageState
from lensdoc.publish.syntax.grammar import CODE_SPAN, VALUE
from lensdoc.publish.syntax.processors import add
from lensdoc.publish.values.lookup import locate, look_up

_CONDITION, _OPPOSITE, _LINE = "data-ld-when", "data-ld-otherwise", "data-ld-line"
"""Attributes of elements that the page never sees."""
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_OPERAND = r'"[^"]*"|[^\s"]+'
_COMPARISON = re.compile(rf"\s*(?P<left>[^\s\"]+)\s+(?P<operator>[=!<>]=|[<>])\s+(?P<right>{_OPERAND})\s*")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_AND = re.compile(r"and(?=\s)")
_NUMBERED = {"figure", "h1", "h2", "h3", "h4", "h5", "h6"}


def holds(condition: str, page: PageState) -> bool:
    """Whether a condition holds: comparisons joined by `and`, of which none is asked once one is false.

    Args:
        condition: `counting/sequence.facts.exact == 1 and counting/sequence.model.id == "lensdoc/tiny"`. On the right stands a
            number, a text in double quotes, or another value.
        page: Where the records are.

    Raises:
        PublishError: The condition cannot be read, names nothing, or compares a text with a number.
    """
    true, at = True, 0
    while found := _COMPARISON.match(condition, at):
        true = true and _compare(found, page)
        at = found.end()
        if at == len(condition):
            return true
        joined = _AND.match(condition, at)
        at = joined.end() if joined else len(condition)
    raise PublishError(f'a condition is written RUN/NAME.field == 1, with <, <=, >, >=, == or != and a "text", not {condition!r}')


def _compare(found: re.Match[str], page: PageState) -> bool:
    left, right = look_up(found["left"], page), _operand(found["right"], page)
    for value, written in ((left, found["left"]), (right, found["right"])):
        if not isinstance(value, int | float | str):
            raise PublishError(f"{written} is no number or text, so it cannot be compared; name a part of it")
    if isinstance(left, str) != isinstance(right, str):
        raise PublishError(f"{found[0].strip()} compares a text with a number; {found['left']} is {left!r}")
    return _OPERATORS[found["operator"]](left, right)


def _operand(written: str, page: PageState) -> object:
    if written.startswith('"'):
        return written[1:-1]
    return float(written) if _NUMBER.fullmatch(written) else look_up(written, page)


class WhenBlock(Block):
    """Text that is shown where a condition holds."""

    NAME = "when"
    ARGUMENT = True
    OPTIONS: dict[str, Any] = {}  # noqa: RUF012 - pymdownx's attribute

    def on_create(self, parent: ET.Element) -> ET.Element:
        """An element around the text, which keeps the condition and its line."""
        source = self.config["page"].source
        line = source.line_of(rf"/{{3,}} *{self.NAME} *\| *{re.escape(self.argument)} *$", text=self.argument)
        return ET.SubElement(parent, "div", {_CONDITION: self.argument, _LINE: str(line or "")})


class OtherwiseBlock(Block):
    """Text that is shown where the condition of the block before does not hold."""

    NAME = "otherwise"
    ARGUMENT = False
    OPTIONS: dict[str, Any] = {}  # noqa: RUF012 - pymdownx's attribute

    def on_create(self, parent: ET.Element) -> ET.Element:
        """An element around the text, which keeps its line."""
        line = self.config["page"].source.line_of(rf"/{{3,}} *{self.NAME} *$")
        return ET.SubElement(parent, "div", {_OPPOSITE: "", _LINE: str(line or "")})


class Conditions(Treeprocessor):
    """Keeps the text whose condition holds, without the element around it, and drops the other."""

    def __init__(self, md: Markdown, page: PageState) -> None:
        super().__init__(md)
        self.page = page

    def run(self, root: ET.Element) -> None:
        """Decide for all blocks; those inside of one that is dropped are not asked, since they may name what is not there."""
        kept: list[ET.Element] = []
        before: ET.Element | None = None
        held: bool | None = None
        for child in root:
            if _CONDITION in child.attrib:
                held = stays = self._holds(child)
            elif _OPPOSITE in child.attrib:
                self._check_place(child, before)
                stays = held is False
                held = None
            else:
                stays, held = True, None
            kept += self._part(child) if stays else self._dropped(child)
            before = child
        root[:] = kept

    def _part(self, child: ET.Element) -> list[ET.Element]:
        """What stays of an element."""
        self._check_prose(child)
        self.run(child)
        return list(child) if _LINE in child.attrib else [child]

    def _holds(self, block: ET.Element) -> bool | None:
        try:
            return holds(block.get(_CONDITION, ""), self.page)
        except LensdocError as error:
            self._complain(block, str(error))
            return None

    def _check_place(self, block: ET.Element, before: ET.Element | None) -> None:
        if before is None or _CONDITION not in before.attrib:
            self._complain(block, "'otherwise' belongs directly below the end of a block 'when'")

    def _dropped(self, block: ET.Element) -> list[ET.Element]:
        """Nothing stays; but hidden text must not name records that do not exist."""
        self._check_prose(block)
        for _, span in re.findall(CODE_SPAN, "\n".join(block.itertext())):
            if VALUE.match(span):
                self._check_record(VALUE.sub("", span, count=1))
        return []

    def _check_prose(self, block: ET.Element) -> None:
        """What is numbered must not come and go."""
        if _LINE in block.attrib and any(element.tag in _NUMBERED for element in block.iter()):
            self._complain(block, "'when' and 'otherwise' hold prose; figures and headings stand outside of them")

    def _complain(self, block: ET.Element, message: str) -> None:
        line = block.get(_LINE)
        self.page.complain(message, int(line) if line else None)

    def _check_record(self, reference: str) -> None:
        try:
            self.page.record(locate(reference)[0])
        except LensdocError as error:
            self.page.complain(str(error), self.page.source.line_of(rf"{re.escape(reference)}(?!\w)", text=reference))


def register(md: Markdown, block_mgr: BlocksProcessor, page: PageState) -> None:
    """Add the two blocks, and what decides them.

    Args:
        md: The converter.
        block_mgr: Its parser of blocks.
        page: The page that it renders.
    """
    for block in (WhenBlock, OtherwiseBlock):
        block_mgr.register(block, {"page": page})
    add(md, "treeprocessors", "lensdoc_conditions", Conditions(md, page))
