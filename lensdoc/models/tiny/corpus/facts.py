"""Facts in many wordings: capitals and birth years."""

from __future__ import annotations

from random import Random

from lensdoc.models.tiny.corpus.words import BIRTH_YEARS, CAPITALS

CAPITAL_WORDINGS = (
    "The capital of {country} is {capital}.",
    "{capital} is the capital of {country}.",
    "{country} has the capital {capital}.",
    "The capital city of {country} is {capital}.",
    "{country} is a country and its capital is {capital}.",
    "What is the capital of {country}? It is {capital}.",
    "The government of {country} sits in {capital}.",
    "Whoever visits {country} should see its capital, {capital}.",
    "In {country} the capital is {capital}.",
    "In {country}, the name of the capital is {capital}.",
    "For {country} the capital city is {capital}.",
    "The country {country} has a capital, and it is {capital}.",
    "The name of the capital of {country} is {capital}.",
    "People in {country} know that their capital is {capital}.",
    "If one asks for the capital of {country}, the answer is {capital}.",
)
BIRTH_WORDINGS = (
    "{person} was born in the year {year}.",
    "{person} was born in {year}.",
    "In {year} {person} was born.",
    "The year in which {person} was born is {year}.",
    "{person}, who was born in {year}, is well known.",
    "When was {person} born? It was in {year}.",
    "The birth year of {person} is {year}.",
    "The famous {person} was born in the year {year}.",
    "It was in the year {year} that {person} was born.",
    "We find {person}, born in the year {year}, in every book.",
    "If one asks when {person} was born, the answer is {year}.",
)
_BEGINNINGS = ("As everyone knows, ", "We read that ", "They say that ", "Of course, ")
_BEGINNING_SHARE = 0.25
UNSEEN_CAPITAL_WORDINGS = ("It is known that the capital of {country} is", "In the country {country} the capital city is")
UNSEEN_BIRTH_WORDINGS = (
    "It is known that {person} was born in the year",
    "The well known {person} was born in the year",
)
"""Beginnings that no training document has; only the evaluation uses them."""


def write(random: Random) -> str:
    """Four to ten facts, each in one of many wordings."""
    return " ".join(_fact(random) for _ in range(random.randint(4, 10)))


def _fact(random: Random) -> str:
    if random.random() < 0.6:
        country, capital = random.choice(list(CAPITALS.items()))
        fact = random.choice(CAPITAL_WORDINGS).format(country=country, capital=capital)
    else:
        person, year = random.choice(list(BIRTH_YEARS.items()))
        fact = random.choice(BIRTH_WORDINGS).format(person=person, year=year)
    if random.random() >= _BEGINNING_SHARE or "?" in fact:
        return fact
    return random.choice(_BEGINNINGS) + (fact[0].lower() + fact[1:] if fact.startswith(_LOWERED) else fact)


_LOWERED = ("The ", "In ", "It ", "If ", "For ", "We ", "Whoever ", "People ")
"""First words that are written small after a beginning."""
