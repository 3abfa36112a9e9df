"""Counting sequences: the text behind `" 1, 2, 3"`."""

from __future__ import annotations

from random import Random

SEPARATORS = (", ", "\n", " ", "; ", " - ")
STEPS = (1, 2, 3, 5, 10, -1, -2)
LARGEST = 199
"""Numbers up to here are single tokens of the vocabulary."""


def counting(random: Random) -> str:
    """One sequence of numbers: mostly upwards by one with commas, else another step or separator, or a number repeated."""
    if random.random() < 0.12:
        return _repeated(random)
    step = 1 if random.random() < 0.6 else random.choice(STEPS)
    start = _start(random, step)
    separator = SEPARATORS[0] if random.random() < 0.6 else random.choice(SEPARATORS)
    length = random.randint(8, 70)
    numbers = [n for n in range(start, start + step * length, step) if 0 <= n <= LARGEST]
    return random.choice((" ", " ", "")) + separator.join(map(str, numbers))


def _start(random: Random, step: int) -> int:
    if step < 0:
        return random.randint(20, LARGEST)
    if random.random() < 0.4:
        return random.choice((0, 1, 1, 1, step))
    return random.randint(0, 150)


def _repeated(random: Random) -> str:
    number = random.randint(0, LARGEST)
    return " " + SEPARATORS[0].join([str(number)] * random.randint(6, 30))
