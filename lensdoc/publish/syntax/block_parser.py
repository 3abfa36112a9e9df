"""Mends pymdownx's parser of blocks: option names that are numbers are a traceback there, some texts are read for ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from pymdownx.blocks import BlocksProcessor

DEEPEST = 30
"""Blocks inside one another; a page with more has one that is not closed, and Python would end its build."""


def mend(parser: BlocksProcessor) -> None:
    """Mend the parser of one converter."""
    _name_options(parser)
    _always_read_on(parser)
    _look_at_last_children(parser)


def _name_options(parser: BlocksProcessor) -> None:
    """Pymdownx hands options on as keyword arguments, so a name that YAML reads as a number would be a traceback."""
    split_header = parser.split_header

    def split(block: str, length: int) -> tuple[dict[str, Any] | None, str]:
        options, rest = split_header(block, length)
        return options and {str(name): value for name, value in options.items()}, rest

    parser.split_header = split


def _goes_on(parser: BlocksProcessor, parent: ET.Element) -> bool:
    """Whether the text belongs to a block that is open."""
    found = parser.get_parent(parent) is not None
    parser.cached_parent = None
    return found


def _always_read_on(parser: BlocksProcessor) -> None:
    """Keep the parser from losing a block that begins below other text.

    Its test for such a block keeps what it found and then parses the text above. Where that holds a block too, as in a quote that
    goes on without its mark, what was kept is lost, `run` reads nothing, and the same test begins again: for ever, as it is.
    """
    test, run = parser.test, parser.run
    parsed_above = 0

    def test_and_note(parent: ET.Element, block: str) -> bool:
        nonlocal parsed_above
        parsed_above = 0
        begins = parser.start.search(block)
        if begins and len(parser.stack) >= DEEPEST and not _goes_on(parser, parent):
            return False
        found: bool = test(parent, block)
        if found and begins and parser.cached_parent is None and parser.cached_block is None:
            parsed_above = begins.start()
        return found

    def run_or_skip(parent: ET.Element, blocks: list[str]) -> bool | None:
        nonlocal parsed_above
        if parsed_above:  # the text above is on the page already
            blocks[0] = blocks[0][parsed_above:].lstrip("\n")
            parsed_above = 0
            return None
        before = _beginning(blocks)
        run(parent, blocks)
        return False if _beginning(blocks) == before else None  # False: another parser takes the text

    parser.test, parser.run = test_and_note, run_or_skip


def _beginning(blocks: list[str]) -> tuple[int, list[str]]:
    """What tells whether texts were read: all of them are too many to keep for each block of a page."""
    return len(blocks), blocks[:2]


class _LastChildren:
    """Stands for an element in the parser's search for the ancestors of a block that it parses.

    The parser lists all elements below the page for each paragraph inside of a block: the square of their number. What it
    parses is always the last child of the last child, so these are all that it needs.
    """

    def __init__(self, element: ET.Element) -> None:
        self.element = element
        self.tag = element.tag

    def __hash__(self) -> int:
        return hash(self.element)

    def __eq__(self, other: object) -> bool:
        return self.element is (other.element if isinstance(other, _LastChildren) else other)

    def __iter__(self) -> Iterator[ET.Element]:
        yield from self.element[-1:]

    def iter(self) -> Iterator[_LastChildren]:
        """The element, its last child, the last child of that, and so on."""
        element = self.element
        while len(element):
            yield _LastChildren(element)
            element = element[-1]


def _look_at_last_children(parser: BlocksProcessor) -> None:
    parse_blocks = parser.parse_blocks
    parser.parse_blocks = lambda blocks, parent: parse_blocks(blocks, _LastChildren(parent))
