"""Nested markup: every tag that opens is closed, inside out."""

from __future__ import annotations

from random import Random

from lensdoc.models.tiny.corpus.words import ADJECTIVES, ANIMALS, FRUITS, MEN, NOUNS, SYLLABLES, TAGS, WOMEN

INDENT = "    "
_LEAVES = (*WOMEN, *MEN, *FRUITS, *ANIMALS, *NOUNS)
_DEEPEST = 3
_MOST_LINES = 22
_INVENTED_SHARE = 0.3


def write(random: Random) -> str:
    """One XML document of at most 22 lines, indented by four spaces."""
    while True:
        lines = _element(random, depth=0, taken=())
        if len(lines) <= _MOST_LINES:
            return "\n".join(lines)


def invented(random: Random) -> str:
    """A tag name of two or three syllables."""
    return "".join(random.choices(SYLLABLES, k=random.randint(2, 3)))


def leaf(random: Random) -> str:
    """What stands between the tags of an innermost element."""
    draw = random.random()
    if draw < 0.3:
        return str(random.randint(0, 199))
    return random.choice(_LEAVES) if draw < 0.8 else f"{random.choice(ADJECTIVES)} {random.choice(_LEAVES)}"


def _element(random: Random, depth: int, taken: tuple[str, ...]) -> list[str]:
    tag = invented(random) if random.random() < _INVENTED_SHARE else random.choice([tag for tag in TAGS if tag not in taken])
    indent = INDENT * depth
    if depth and (depth == _DEEPEST or random.random() < 0.6):
        return [f"{indent}<{tag}>{leaf(random)}</{tag}>"]
    children = [line for _ in range(random.randint(1, 4)) for line in _element(random, depth + 1, (*taken, tag))]
    return [f"{indent}<{tag}>", *children, f"{indent}</{tag}>"]
