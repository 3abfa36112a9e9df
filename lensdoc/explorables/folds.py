"""The tokens of a chat template, folded to a mark that opens: they are the same in every chat, and seldom what is looked at.

Where scripts run they are hidden until a reader asks for them; on paper and without scripts they stand behind their mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from lensdoc.core.messages import shortened
from lensdoc.explorables.display import line
from lensdoc.explorables.elements import Content, Element, element
from lensdoc.explorables.shared import SIZES, said
from lensdoc.records.tokens import Token

_SHOWN: int = SIZES["text"]["folded"]
"""Characters of a template's text that its mark repeats."""


def runs(tokens: Sequence[Token], positions: range) -> list[range]:
    """Stretches of tokens that come from the template, and of tokens that do not."""
    kinds = groupby(positions, key=lambda position: tokens[position].kind == "template")
    return [range(found[0], found[-1] + 1) for found in (list(run) for _, run in kinds)]


def fold_element(tokens: Sequence[Token], run: range, content: Iterable[Content], told: str | None = None) -> Element:
    """A stretch of template tokens behind its mark.

    Args:
        tokens: Those of the text.
        run: The positions of the stretch.
        content: What the mark opens.
        told: What the figure says of them together, such as the sum of their scores.
    """
    text = line(tokens[run.start : run.stop])
    begins = shortened(text, _SHOWN)
    together: list[Content] = [] if told is None else [element("span", {"class": "ld-sum"}, f" {told}" if told else "")]
    mark = element(
        "button",
        {"type": "button", "class": "ld-part", "dir": "ltr", "aria-expanded": "false"},
        f"⟨{begins} {counted(len(run))}",
        *together,
        "⟩",
    )
    return element("span", {"class": "ld-fold"}, mark, element("span", {"class": "ld-folded"}, *content))


def counted(number: int) -> str:
    """How many template tokens, in words."""
    return said("templates.one" if number == 1 else "templates.many", count=number)


def line_content(tokens: Sequence[Token]) -> list[Content]:
    """A text in one line of prose, with what comes from a template folded."""
    content: list[Content] = []
    for run in runs(tokens, range(len(tokens))):
        text = line(tokens[run.start : run.stop])
        content.append(fold_element(tokens, run, [text]) if tokens[run.start].kind == "template" else text)
    return content
