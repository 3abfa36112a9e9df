"""What an author wrote that the policy keeps from running: scripts in the page itself. Files of the site run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from lensdoc.publish.markup.tree import read_tree
from lensdoc.publish.privacy.policy import RUN

_SHOWN = 40
"""Characters that messages show."""
_ADDRESSES = ("href", "src", "action", "formaction", "data")
_MAY_RUN = re.compile(r"<script|javascript:|&(?:#|colon;)|[\s\"'/]on[^\s=<>]*\s*=", re.IGNORECASE)
"""What a content has in which something may run, written plainly or by character references; others need not be parsed."""


@dataclass(frozen=True)
class Blocked:
    """Something that will not run."""

    what: str
    """In words."""
    written: str
    """A piece of it as it stands in the source, by which its line is found."""
    cure: str


_FILE = (
    "put the script into a file below the folder of pages and name it under extra_javascript, or show a whole HTML file in a "
    'frame, <iframe src="plot.html" title="..."></iframe>; '
    "a figure of matplotlib, Plotly or Altair becomes a record with lensdoc.figure"
)
_LISTEN = "let a script in a file of the site listen for it, named under extra_javascript"


def blocked(content: str) -> Iterator[Blocked]:
    """What the policy blocks in the HTML of an author: inline scripts, handlers in attributes, addresses that are scripts."""
    if not _MAY_RUN.search(content):
        return
    for node in read_tree(content).iter(etree.Element):
        if node.tag == "script" and "src" not in node.attrib and node.get("type", "").strip().lower() in RUN:
            text = next((line.strip() for line in (node.text or "").splitlines() if line.strip()), "")
            if text:
                yield Blocked(f"the inline script {text[:_SHOWN]!r} will not run", text[:_SHOWN], _FILE)
        for name, value in node.attrib.items():
            if name.lower().startswith("on") and value.strip():
                yield Blocked(f"the handler {name}={value[:_SHOWN]!r} of <{node.tag}> will not run", f"{name}=", _LISTEN)
            elif name in _ADDRESSES and value.strip().lower().startswith("javascript:"):
                yield Blocked(f"the address {value[:_SHOWN]!r} of <{node.tag}> will not run", value[:_SHOWN], _LISTEN)


def blocked_lines(content: str, lines: Sequence[str]) -> Iterator[tuple[int | None, str]]:
    """Line, where it is known, and message of each thing in the HTML of an author that the policy keeps from running.

    Args:
        content: The HTML.
        lines: The source of the page.
    """
    last = 0
    for found in blocked(content):
        line = line_of(found, lines, last) or line_of(found, lines, 0)
        last = line or last
        yield line, f"{found.what}: pages run the scripts of files of the site alone; {found.cure}"


def line_of(found: Blocked, lines: Sequence[str], after: int) -> int | None:
    """The line of the source on which it stands, from one on; None where its text was changed on the way to the page.

    Args:
        found: What is blocked.
        lines: The source.
        after: Lines up to here belong to what was found before.
    """
    return next((number for number, text in enumerate(lines, 1) if number > after and found.written in text), None)
