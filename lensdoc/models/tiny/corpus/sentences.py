"""Short sentences: agreement across attractors, pronouns, questions with their answers."""

from __future__ import annotations

from random import Random

from lensdoc.models.tiny.corpus.words import (
    ADJECTIVES,
    ANIMALS,
    COLOURS,
    FRUITS,
    MEN,
    NOUNS,
    PLACES,
    PLACES_TO_GO,
    PREPOSITIONS,
    VERBS,
    WOMEN,
)

_SINGULARS = list(NOUNS)
PEOPLE = [*WOMEN, *MEN]


def held_out_nouns(subject: str, attractor: str) -> bool:
    """Whether no training sentence has this attractor with this subject, both named in the singular: `key`, `cabinet`."""
    return (_SINGULARS.index(subject) + _SINGULARS.index(attractor)) % 6 == 1


def held_out_walk(name: str, place: str) -> bool:
    """Whether no training sentence says that this person went to this place, in these words."""
    return (PEOPLE.index(name) + PLACES_TO_GO.index(place)) % 5 == 0


def write(random: Random) -> str:
    """One paragraph: agreement across nouns, a person and a pronoun, a question and its answer, three to nine of them."""
    kinds = (_agreement, _agreement, _agreement, _pronoun, _dialogue)
    return " ".join(random.choice(kinds)(random) for _ in range(random.randint(3, 9)))


def noun_phrase(noun: str, *, plural: bool) -> str:
    """`the keys`."""
    return f"the {NOUNS[noun] if plural else noun}"


def _agreement(random: Random) -> str:
    plural = random.random() < 0.5
    subject = random.choice(_SINGULARS)
    attractors = [noun for noun in _SINGULARS if noun != subject and not held_out_nouns(subject, noun)]
    phrase = noun_phrase(subject, plural=plural).capitalize()
    for attractor in random.sample(attractors, random.choice((0, 1, 1, 1, 2, 2))):
        phrase += f" {random.choice(PREPOSITIONS)} {noun_phrase(attractor, plural=random.random() < 0.5)}"
    verb = random.choice((("is", "are"), ("is", "are"), ("was", "were")))[plural]
    return f"{phrase} {verb} {random.choice((*ADJECTIVES, *PLACES))}."


def _pronoun(random: Random) -> str:
    name = random.choice(PEOPLE)
    place = random.choice([place for place in PLACES_TO_GO if not held_out_walk(name, place)])
    pronoun, possessive = ("She", "her") if name in WOMEN else ("He", "his")
    thing = random.choice((random.choice(_SINGULARS), random.choice(ANIMALS)))
    return f"{name} went to the {place}. {pronoun} {random.choice(VERBS)} {possessive} {random.choice(ADJECTIVES)} {thing}."


def _dialogue(random: Random) -> str:
    adjective, noun, name = random.choice(ADJECTIVES), random.choice(_SINGULARS), random.choice(PEOPLE)
    thing = random.choice((*FRUITS, *NOUNS.values()))
    likes = random.choice(("Yes, I like", "No, I do not like"))
    verb, colour = random.choice(VERBS), random.choice(COLOURS)
    return random.choice(
        (
            f"Do you like the {adjective} {thing}? {likes} the {adjective} {thing}.",
            f"Where is the {adjective} {noun}? The {adjective} {noun} is {random.choice(PLACES)}.",
            f"What colour is the {noun}? The {noun} is {colour}.",
            f"Who {verb} the {adjective} {noun}? {name} {verb} the {adjective} {noun}.",
        )
    )
