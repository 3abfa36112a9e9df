"""Tasks with one right answer: the pairs of source and target that `lensdoc/tiny-seq2seq` is trained on."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from lensdoc.models.tiny.corpus.sentences import held_out_nouns
from lensdoc.models.tiny.corpus.words import ADJECTIVES, ANIMALS, CAPITALS, COLOURS, FRUITS, NOUNS, PLACES, PREPOSITIONS

Pair = tuple[str, str]
"""A source, and the target, which begins with a space as words of this vocabulary do."""

LISTED = (*ANIMALS, *FRUITS, *COLOURS)
LARGEST = 199
LENGTHS = range(3, 9)
"""How many numbers a count has."""
QUESTIONS = (
    "capital: What is the capital of {country}?",
    "capital: Which city is the capital of {country}?",
    "capital: {country}",
    "capital: The capital of {country} is",
)


def held_out_start(start: int, length: int) -> bool:
    """Whether no training pair counts so many numbers from this one: none of them ends with a number that ends so."""
    return (start + length) % 5 == 0


def held_out_question(question: int, country: str) -> bool:
    """Whether no training pair asks for this country in these words."""
    return (question + list(CAPITALS).index(country)) % len(QUESTIONS) == 0


def plural(random: Random, *, held_out: bool = False) -> Pair:
    """A sentence in the singular, and the same in the plural; the noun in between stays as it is."""
    noun = random.choice(list(NOUNS))
    others = [other for other in NOUNS if other != noun and held_out_nouns(noun, other) == held_out]
    said = f"{random.choice(ADJECTIVES)} " if random.random() < _SHARE else ""
    between = ""
    if held_out or random.random() < _SHARE:
        between = f" {random.choice(PREPOSITIONS)} the {random.choice(others)}"
    end = random.choice((*ADJECTIVES, *PLACES))
    return f"plural: The {said}{noun}{between} is {end}.", f" The {said}{NOUNS[noun]}{between} are {end}."


def reverse(random: Random) -> Pair:
    """Three to six words, and the same from the last to the first."""
    words = random.sample(LISTED, random.randint(3, 6))
    return f"reverse: {', '.join(words)}", " " + ", ".join(reversed(words))


def count(random: Random, *, held_out: bool = False) -> Pair:
    """The two ends of a count, and the count."""
    while True:
        length = random.choice(LENGTHS)
        start = random.randint(0, LARGEST + 1 - length)
        if held_out_start(start, length) == held_out:
            numbers = range(start, start + length)
            return f"count: {start} to {numbers[-1]}", " " + ", ".join(map(str, numbers))


def capital(random: Random, *, held_out: bool = False) -> Pair:
    """A question for a capital, and the capital."""
    while True:
        question, country = random.randrange(len(QUESTIONS)), random.choice(list(CAPITALS))
        if held_out_question(question, country) == held_out:
            return QUESTIONS[question].format(country=country), f" {CAPITALS[country]}"


TASKS: dict[Callable[[Random], Pair], float] = {reverse: 0.4, plural: 0.25, count: 0.2, capital: 0.15}
"""Share of the training pairs that each task gets."""
_SHARE = 0.6
