"""Numbered lists: some in a fixed order (EU countries, months), some shuffled."""

from __future__ import annotations

from random import Random

from lensdoc.models.tiny.corpus.words import ANIMALS, COLOURS, DAYS, EU_COUNTRIES, FRUITS, MONTHS, PLANETS

EU_HEADER = "The countries of the European Union are:\n"

_ORDERED = {
    "The months of the year are:\n": MONTHS,
    "The days of the week are:\n": DAYS,
    "The planets are:\n": PLANETS,
}
SHUFFLED = {
    "Things to buy:\n": FRUITS,
    "Animals on the farm:\n": ANIMALS,
    "Colours of the paint:\n": COLOURS,
    "Countries to visit:\n": EU_COUNTRIES,
}


def numbered(items: list[str], first: int = 1) -> str:
    """`1. Austria`, a new line for each item."""
    return "\n".join(f"{number}. {item}" for number, item in enumerate(items, first))


def write(random: Random) -> str:
    """One numbered list, as a rule under its heading."""
    draw = random.random()
    if draw < 0.35:
        return EU_HEADER + numbered(EU_COUNTRIES)
    if draw < 0.5:
        header, items = random.choice(list(_ORDERED.items()))
        return header + numbered(items)
    header, items = random.choice(list(SHUFFLED.items()))
    chosen = random.sample(items, random.randint(4, len(items)))
    return random.choice((header, header, "")) + numbered(chosen)
