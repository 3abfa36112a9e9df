"""Random words, said two or three times: what makes a model copy (induction)."""

from __future__ import annotations

from random import Random

from lensdoc.models.tiny.corpus.words import (
    ADJECTIVES,
    ANIMALS,
    CAPITALS,
    COLOURS,
    FRUITS,
    MEN,
    NOUNS,
    WOMEN,
)

_WORDS = (*ADJECTIVES, *ANIMALS, *CAPITALS, *COLOURS, *FRUITS, *MEN, *NOUNS, *WOMEN)


def repeats(random: Random) -> str:
    """A random series of 4 to 32 words, repeated until about 100 words are reached."""
    series = random.choices(_WORDS, k=random.randint(4, 32))
    times = max(2, 100 // len(series))
    return " " + " ".join(series * min(times, random.randint(2, 5)))
