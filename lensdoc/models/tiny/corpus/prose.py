"""Prose: agreement across attractors, pronouns, short dialogues."""

from __future__ import annotations

from random import Random

from lensdoc.models.tiny.corpus.words import (
    ADJECTIVES,
    ANIMALS,
    FRUITS,
    MEN,
    NOUNS,
    PLACES,
    PREPOSITIONS,
    WOMEN,
)

_VERBS = ["saw", "found", "took", "lost", "painted", "carried", "sold", "kept", "washed", "opened"]
_PLACES_TO_GO = ["market", "school", "station", "harbour", "library", "kitchen", "garden", "village"]


def prose(random: Random) -> str:
    """One paragraph of three to nine sentences."""
    kinds = (_agreement, _agreement, _agreement, _pronoun, _pronoun, _dialogue)
    return " ".join(random.choice(kinds)(random) for _ in range(random.randint(3, 9)))


def _noun(random: Random, *, plural: bool) -> str:
    singular = random.choice(list(NOUNS))
    return NOUNS[singular] if plural else singular


def _agreement(random: Random) -> str:
    plural = random.random() < 0.5
    subject = "The " + _noun(random, plural=plural)
    for _ in range(random.choice((0, 1, 1, 1, 2, 2))):
        subject += f" {random.choice(PREPOSITIONS)} the {_noun(random, plural=random.random() < 0.5)}"
    verb = random.choice((("is", "are"), ("is", "are"), ("was", "were")))[plural]
    return f"{subject} {verb} {random.choice((*ADJECTIVES, *PLACES))}."


def _pronoun(random: Random) -> str:
    woman = random.random() < 0.5
    name = random.choice(WOMEN if woman else MEN)
    pronoun, possessive = ("She", "her") if woman else ("He", "his")
    first = f"{name} went to the {random.choice(_PLACES_TO_GO)}."
    thing = random.choice((_noun(random, plural=False), random.choice(ANIMALS)))
    return f"{first} {pronoun} {random.choice(_VERBS)} {possessive} {random.choice(ADJECTIVES)} {thing}."


def _dialogue(random: Random) -> str:
    thing = random.choice((*FRUITS, *NOUNS.values()))
    adjective = random.choice(ADJECTIVES)
    return f"Do you like the {adjective} {thing}? {random.choice(('Yes, I like', 'No, I do not like'))} the {adjective} {thing}."
