"""Nested markup: every tag that opens is closed, inside out."""

from __future__ import annotations

from random import Random

from lensdoc.models.tiny.corpus.words import ADJECTIVES, ANIMALS, FRUITS, MEN, NOUNS, TAGS, WOMEN

_LEAVES = (*WOMEN, *MEN, *FRUITS, *ANIMALS, *NOUNS)
_SYLLABLES = [
    "ba",
    "be",
    "bi",
    "bo",
    "da",
    "de",
    "di",
    "do",
    "ka",
    "ke",
    "ki",
    "ko",
    "la",
    "le",
    "li",
    "lo",
    "ma",
    "me",
    "mi",
    "mo",
    "na",
    "ne",
    "ni",
    "no",
    "ra",
    "re",
    "ri",
    "ro",
    "ta",
    "te",
    "ti",
    "to",
]
_DEEPEST = 3


def markup(random: Random) -> str:
    """One small XML document, indented by four spaces."""
    return "\n".join(_element(random, depth=0, taken=()))


def _element(random: Random, depth: int, taken: tuple[str, ...]) -> list[str]:
    tag = _tag(random, taken)
    indent = "    " * depth
    if depth and (depth == _DEEPEST or random.random() < 0.6):
        return [f"{indent}<{tag}>{_leaf(random)}</{tag}>"]
    children = [line for _ in range(random.randint(1, 4)) for line in _element(random, depth + 1, (*taken, tag))]
    return [f"{indent}<{tag}>", *children, f"{indent}</{tag}>"]


def _tag(random: Random, taken: tuple[str, ...]) -> str:
    invented = "".join(random.choices(_SYLLABLES, k=random.randint(2, 3)))
    return invented if random.random() < 0.25 else random.choice([tag for tag in TAGS if tag not in taken])


def _leaf(random: Random) -> str:
    draw = random.random()
    if draw < 0.3:
        return str(random.randint(0, 199))
    return random.choice(_LEAVES) if draw < 0.8 else f"{random.choice(ADJECTIVES)} {random.choice(_LEAVES)}"
