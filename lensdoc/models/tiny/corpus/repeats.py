"""Things said again: what makes a model copy (induction)."""

from __future__ import annotations

from random import Random

from lensdoc.models.tiny.corpus.words import ADJECTIVES, ANIMALS, CAPITALS, COLOURS, FRUITS, MEN, NOUNS, WOMEN

WORDS = tuple(dict.fromkeys((*ADJECTIVES, *ANIMALS, *CAPITALS, *COLOURS, *FRUITS, *MEN, *NOUNS, *WOMEN)))


def write(random: Random) -> str:
    """A random series of 4 to 32 words, said two to five times, in at most about 100 words."""
    series = random.choices(WORDS, k=random.randint(4, 32))
    times = max(2, 100 // len(series))
    return " " + " ".join(series * min(times, random.randint(2, 5)))


def repeated_ids(random: Random, vocabulary: int, length: int, longest: int = 32) -> tuple[list[int], list[bool]]:
    """Random ids in series of at least 4, each said two to six times, up to a length; and which of them can be known."""
    ids: list[int] = []
    known: list[bool] = []
    while len(ids) < length:
        series = [random.randrange(1, vocabulary) for _ in range(random.randint(4, longest))]
        times = random.randint(2, 6)
        ids += series * times
        # The second time begins with an id that could be any.
        known += [False] * (len(series) + 1) + [True] * ((times - 1) * len(series) - 1)
    return ids[:length], known[:length]
