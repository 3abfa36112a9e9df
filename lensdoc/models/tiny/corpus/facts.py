"""Facts in several wordings: capitals and birth years."""

from __future__ import annotations

from random import Random

from lensdoc.models.tiny.corpus.words import BIRTH_YEARS, CAPITALS

_CAPITAL = (
    "The capital of {country} is {capital}.",
    "{capital} is the capital of {country}.",
    "{country} has the capital {capital}.",
)
_BIRTH = (
    "{person} was born in the year {year}.",
    "{person} was born in {year}.",
    "In {year} {person} was born.",
)


def facts(random: Random) -> str:
    """Four to ten facts, a sentence each."""
    return " ".join(_fact(random) for _ in range(random.randint(4, 10)))


def _fact(random: Random) -> str:
    if random.random() < 0.55:
        country, capital = random.choice(list(CAPITALS.items()))
        return random.choice(_CAPITAL).format(country=country, capital=capital)
    person, year = random.choice(list(BIRTH_YEARS.items()))
    return random.choice(_BIRTH).format(person=person, year=year)
