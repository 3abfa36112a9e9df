"""Stories of a hundred to five hundred tokens: names and their pronouns, auxiliary and linking verbs, adverbs, commas, speech."""

from __future__ import annotations

from random import Random

from lensdoc.models.tiny.corpus.sentences import held_out_nouns
from lensdoc.models.tiny.corpus.words import (
    ADJECTIVES,
    ADVERBS,
    ANIMALS,
    COLOURS,
    DAYS,
    FEELINGS,
    FRUITS,
    MEN,
    MONTHS,
    NOUNS,
    PLACES_TO_GO,
    PREPOSITIONS,
    VERBS,
    WOMEN,
)

_OPENINGS = (
    "It was a {adjective} {day} in {month}, and {hero} was {feeling}.",
    "There was once a {adjective} house near the {place}, and {hero} lived in it.",
    "On {day} {hero} and {friend} met at the {place}.",
    "In {month} the {place} was {adjective} and {adjective2}.",
)
_SENTENCES = (
    "{hero} walked {adverb} to the {place}, where {friend} was waiting.",
    "{he} {verb} the {adjective} {noun}, but {he_low} did not see the {animal}.",
    "{he} had {adverb} wanted a {colour} {noun}, and now {he_low} {verb} one.",
    "The {animal} was {adjective}, and it seemed {feeling}.",
    "The {nouns} {preposition} the {noun2} were {adjective}.",
    "{friend} could have stayed, yet {friend_he} {adverb} left the {place}.",
    "There were {nouns}, {nouns2} and {fruits} on the {noun2}.",
    "When the {animal} came {adverb}, {hero} became {feeling}.",
    "{he} thought that the {noun} would be {adjective}, and it was.",
    "{friend} must have known it, because {friend_he} looked {feeling}.",
    '"Where is my {noun}?" asked {hero}. "It is {preposition} the {noun2}," said {friend}.',
    '"I have never seen such a {adjective} {animal}," said {friend}, and {hero} laughed.',
    "{hero} gave {friend_him} the {fruits}, and {friend_he} ate them {adverb}.",
    "After a while, the {colour} {noun} was {adverb} forgotten.",
    "Nobody in the {place} had seen the {adjective} {animal} again.",
    "{he} might have been {feeling}, but {his} {noun} was {adjective}.",
    "If the {noun} is {adjective}, {hero} said, it should not be {preposition} the {noun2}.",
    "They {verb} the {nouns} together, and then they went home.",
    "{his_cap} {animal} was {preposition} the {noun}, as it always was.",
    "The road to the {place} was long, so {hero} and {friend} walked {adverb}.",
    "{hero} {verb} {his} {noun} and {friend} {verb2} the {noun2}.",
    "It was {adverb} {adjective} in the {place}, and the {animal} could not sleep.",
    "At last {he_low} was {feeling}, for the {nouns} were {adjective} and the {animal} was not.",
    "{friend}, who was {feeling}, {verb} a {noun} for {hero}.",
)
_ENDINGS = (
    "In the end {hero} was {feeling}, and so was {friend}.",
    "That was how {hero} found the {adjective} {noun}.",
    "And the {animal} was never seen in the {place} again.",
)


def write(random: Random) -> str:
    """One story about two people, of eight to thirty-six sentences."""
    people = _people(random)
    middle = random.choices(_SENTENCES, k=random.randint(6, 34))
    templates = [random.choice(_OPENINGS), *middle, random.choice(_ENDINGS)]
    return " ".join(template.format(**people, **_things(random)) for template in templates)


def _people(random: Random) -> dict[str, str]:
    hero, friend = random.sample([*WOMEN, *MEN], 2)
    he, his, _ = _pronouns(hero)
    friend_he, _, friend_him = _pronouns(friend)
    return {
        "hero": hero, "friend": friend, "he": he.capitalize(), "he_low": he, "his": his, "his_cap": his.capitalize(),
        "friend_he": friend_he, "friend_him": friend_him,
    }  # fmt: skip


def _pronouns(name: str) -> tuple[str, str, str]:
    return ("she", "her", "her") if name in WOMEN else ("he", "his", "him")


def _things(random: Random) -> dict[str, str]:
    noun, noun2, several, several2 = random.sample(list(NOUNS), 4)
    while held_out_nouns(several, noun2):
        several = random.choice(list(NOUNS))
    adjective, adjective2 = random.sample(ADJECTIVES, 2)
    verb, verb2 = random.sample(VERBS, 2)
    return {
        "noun": noun, "noun2": noun2, "nouns": NOUNS[several], "nouns2": NOUNS[several2],
        "adjective": adjective, "adjective2": adjective2, "verb": verb, "verb2": verb2,
        "adverb": random.choice(ADVERBS), "feeling": random.choice(FEELINGS), "animal": random.choice(ANIMALS),
        "fruits": random.choice(FRUITS), "colour": random.choice(COLOURS), "place": random.choice(PLACES_TO_GO),
        "preposition": random.choice(PREPOSITIONS), "day": random.choice(DAYS), "month": random.choice(MONTHS),
    }  # fmt: skip
