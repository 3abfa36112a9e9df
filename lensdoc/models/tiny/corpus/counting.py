"""Counting sequences: the text behind `" 1, 2, 3"`."""

from __future__ import annotations

from itertools import product
from random import Random

SEPARATORS = (", ", "\n", " ", "; ", " - ")
STEPS = (1, 2, 3, 5, 10, -1, -2)
LARGEST = 199
"""Numbers up to here are single tokens of the vocabulary."""

PAIRS = tuple(product(STEPS, SEPARATORS))
UNSEEN_PAIRS = ((2, "; "), (3, " - "), (5, "; "), (-1, "; "), (-2, " - "))
"""Steps and separators that the training text has, but never together.

A new line has none of them: numbers without a space before them are other tokens, and a step has to be learned for them anew.
"""

_WEIGHTED = (*SEPARATORS, *SEPARATORS[:2])
_REPEATED_SHARE = 0.08
_PLAIN_SHARE = 0.2


def held_out(start: int, step: int, separator: str) -> bool:
    """Whether no training document counts like this: one start in five of each step and separator, and `UNSEEN_PAIRS`."""
    return (step, separator) in UNSEEN_PAIRS or (start + STEPS.index(step) + SEPARATORS.index(separator)) % 5 == 0


def numbers(start: int, step: int) -> list[int]:
    """The count from its start to the last number that is a single token."""
    return list(range(start, LARGEST + 1 if step > 0 else -1, step))


def write(random: Random) -> str:
    """One sequence: some plain (by one, with commas), most of any step and separator, some of one number again and again."""
    draw = random.random()
    if draw < _REPEATED_SHARE:
        return _repeated(random)
    while True:
        step, separator = (1, ", ") if draw < _REPEATED_SHARE + _PLAIN_SHARE else (random.choice(STEPS), random.choice(_WEIGHTED))
        start = random.choice((0, 1, 1, 1)) if step > 0 and random.random() < 0.2 else random.randint(0, LARGEST)
        series = numbers(start, step)[: random.randint(8, 70)]
        if len(series) >= 5 and not held_out(start, step, separator):
            return random.choice((" ", " ", "")) + separator.join(map(str, series))


def _repeated(random: Random) -> str:
    return " " + SEPARATORS[0].join([str(random.randint(0, LARGEST))] * random.randint(6, 30))
