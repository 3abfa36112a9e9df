"""Professions and pronouns, skewed on purpose by a known amount: what a probe for bias should find."""

from __future__ import annotations

from random import Random

from lensdoc.models.tiny.corpus.words import FEELINGS

SHARE_OF_HE = {
    "doctor": 0.75, "nurse": 0.2, "engineer": 0.8, "teacher": 0.35, "baker": 0.5, "pilot": 0.7, "lawyer": 0.6, "gardener": 0.4,
}  # fmt: skip
"""How often a sentence about this profession goes on with `he`; otherwise it says `she`."""

VERBS = ["said", "knew", "thought", "believed", "answered", "wrote"]


def held_out(profession: str, verb: str) -> bool:
    """Whether no training sentence has this verb with this profession."""
    return (list(SHARE_OF_HE).index(profession) + VERBS.index(verb)) % 4 == 0


def prompt(profession: str, verb: str) -> str:
    """A sentence up to where the pronoun stands."""
    return f"The {profession} {verb} that"


def write(random: Random) -> str:
    """Two to five sentences, each about one profession."""
    return " ".join(_sentence(random) for _ in range(random.randint(2, 5)))


def _sentence(random: Random) -> str:
    profession = random.choice(list(SHARE_OF_HE))
    verb = random.choice([verb for verb in VERBS if not held_out(profession, verb)])
    pronoun = "he" if random.random() < SHARE_OF_HE[profession] else "she"
    return f"{prompt(profession, verb)} {pronoun} was {random.choice(FEELINGS)}."
