"""Scores on the tokens before another: their tints, their labels, and the largest in words."""

from __future__ import annotations

from collections.abc import Sequence

from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.folds import counted
from lensdoc.explorables.numbers import added, score, share
from lensdoc.explorables.shared import TOKENS_LABELLED, TOKENS_NAMED, said
from lensdoc.explorables.tints import LEVELS, level
from lensdoc.records.tokens import Token


def label(value: float, *, signed: bool) -> str:
    """A score as it stands at its token."""
    return score(value) if signed else share(value)


def largest_of(rows: Sequence[Sequence[float]]) -> float:
    """The largest size among scores."""
    return max((abs(value) for row in rows for value in row), default=0)


def even(row: Sequence[float], largest: float, unscored: int = 0) -> str:
    """Where bars have their notch, as a style: at the share that each token would have if all had the same."""
    seen = len(row) - unscored
    return f"--ld-even: {(LEVELS - 1) / seen / largest:.2f}" if row and largest else "--ld-even: 99"


def key() -> str:
    """What bars and the numbers below them mean."""
    return said("saliency.notch", least=share(TOKENS_LABELLED))


def tint(value: float, largest: float, *, signed: bool, hue: str = "1", notched: bool = False) -> dict[str, str]:
    """Attributes of a token with a score; nothing for none. Beside bars with a notch small shares have no label."""
    if not value:
        return {}
    shade = {"data-hue": "2" if value < 0 else hue, "data-level": str(level(abs(value), largest))}
    return shade if notched and value < TOKENS_LABELLED else shade | {"data-share": label(value, signed=signed)}


def ranked(row: Sequence[float], most: int) -> list[int]:
    """Positions of the largest scores, whatever their sign, the largest first; none of 0."""
    return sorted((i for i, value in enumerate(row) if value), key=lambda i: -abs(row[i]))[:most]


def named(tokens: Sequence[Token], row: Sequence[float], *, signed: bool) -> str:
    """The tokens with the largest scores, in words, and the sum of those that figures fold."""
    found = (f"{quoted(tokens, i)} ({numbered(tokens, i)}) {label(row[i], signed=signed)}" for i in ranked(row, TOKENS_NAMED))
    folded = [value for token, value in zip(tokens, row, strict=False) if token.kind == "template"]
    total = label(added(folded), signed=signed)
    together = said("together", folded=counted(len(folded)), sum=total) if folded else ""
    return (", ".join(found) or said("noToken")) + together


def told(row: Sequence[float], run: range, *, signed: bool) -> str:
    """The sum of the scores of folded tokens; nothing where they have none."""
    return label(added(row[run.start : run.stop]), signed=signed) if run.start < len(row) else ""


def numbered(tokens: Sequence[Token], position: int) -> str:
    """Where a token stands, in words: in which of two streams, and whether it comes from a template."""
    stream = f"{tokens[position].stream} " if tokens[position].stream else ""
    return stream + said("templatePosition" if tokens[position].kind == "template" else "position", position=position)


def labels_switch() -> Element:
    """Asks for the scores at the tokens."""
    box = element("input", {"type": "checkbox", "class": "ld-labels"})
    return element("label", {"class": "ld-switch"}, box, said("labels"))
