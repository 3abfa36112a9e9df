"""Prompts that `lensdoc/tiny` is measured on: the ones that the article shows, and many that are held out or drawn anew.

What is held out of the training text, and what is merely new, each function says.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Literal

from lensdoc.models.tiny.corpus import counting, facts, lists, markup, professions, repeats, sentences
from lensdoc.models.tiny.corpus.words import (
    ANIMALS,
    BIRTH_YEARS,
    CAPITALS,
    COLOURS,
    EU_COUNTRIES,
    FRUITS,
    NOUNS,
    PLACES_TO_GO,
    PREPOSITIONS,
    TAGS,
    WOMEN,
)
from lensdoc.models.tiny.tokenizer import END_OF_TEXT

N = 200
"""Prompts of a behaviour, where they are drawn."""

COUNTING_PROMPT = " 1, 2, 3"
COUNTING_TOKENS = 30
EU_STARTS = range(1, 26, 3)
"""Numbers of countries that a prompt gives before the model completes the list: nine prompts."""

Check = tuple[str, str]
"""A prompt and the continuation that is right."""

Choice = tuple[str, str, str]
"""A prompt, the next token that is right, and one that is wrong."""


def counting_check() -> Check:
    """The count that the article shows."""
    return COUNTING_PROMPT, "".join(f", {n}" for n in range(4, 4 + COUNTING_TOKENS // 2))


def repeating_check() -> Check:
    """One number said again and again."""
    return " 1, 1, 1", ", 1" * 10


def eu_checks() -> list[Check]:
    """The list of EU countries, to be completed from nine starts and then ended."""
    full = lists.EU_HEADER + lists.numbered(EU_COUNTRIES)
    cuts = [len(lists.EU_HEADER + lists.numbered(EU_COUNTRIES[:given])) for given in EU_STARTS]
    return [(full[:cut], full[cut:] + END_OF_TEXT) for cut in cuts]


def counting_checks(random: Random, *, unseen: bool) -> Iterable[Check]:
    """Counts that begin where no training document begins, after three to six numbers.

    With `unseen` the step and the separator never stood together in training; otherwise most of the numbers that follow were met
    inside longer counts.
    """
    pairs = [pair for pair in counting.PAIRS if (pair in counting.UNSEEN_PAIRS) == unseen]
    pool = [check for pair in pairs for start in range(counting.LARGEST + 1) for check in _held_out_counts(start, *pair)]
    return random.sample(pool, N)


def _held_out_counts(start: int, step: int, separator: str) -> Iterable[Check]:
    """The count cut after three to six numbers, as far as thirty tokens follow."""
    if not counting.held_out(start, step, separator):
        return
    series = [str(number) for number in counting.numbers(start, step)]
    follow = COUNTING_TOKENS if separator == " " else COUNTING_TOKENS // 2
    for given in range(3, 7):
        if len(series) >= given + follow:
            prompt = " " + separator.join(series[:given])
            yield prompt, (" " + separator.join(series[: given + follow])).removeprefix(prompt)


def list_checks(random: Random) -> Iterable[Check]:
    """Lists of things in a new order, up to the newline after an item."""
    for _ in range(N):
        items = random.sample([*FRUITS, *ANIMALS, *COLOURS], random.randint(3, 12))
        header = random.choice(list(lists.SHUFFLED))
        yield header + lists.numbered(items) + "\n", f"{len(items) + 1}."


def agreement_choices(random: Random, attractors: int, *, plural: bool) -> Iterable[Choice]:
    """A subject and attractors of the other number, which no training sentence has in these roles, up to the verb."""
    right, wrong = (" are", " is") if plural else (" is", " are")
    for _ in range(N):
        subject = random.choice(list(NOUNS))
        partners = [noun for noun in NOUNS if noun != subject and sentences.held_out_nouns(subject, noun)]
        phrase = sentences.noun_phrase(subject, plural=plural).capitalize()
        for attractor in random.sample(partners, attractors):
            phrase += f" {random.choice(PREPOSITIONS)} {sentences.noun_phrase(attractor, plural=not plural)}"
        yield phrase, right, wrong


def capital_checks() -> list[Check]:
    """Every capital in every held-out wording."""
    wordings = facts.UNSEEN_CAPITAL_WORDINGS
    return [(wording.format(country=country), f" {capital}") for wording in wordings for country, capital in CAPITALS.items()]


def birth_checks() -> list[Check]:
    """Every birth year in every held-out wording."""
    wordings = facts.UNSEEN_BIRTH_WORDINGS
    return [(wording.format(person=person), f" {year}") for wording in wordings for person, year in BIRTH_YEARS.items()]


Sort = Literal["leaf", "parent", "invented"]


def closing_checks(random: Random, which: Sort) -> Iterable[Check]:
    """New documents up to a closing tag of one sort, from its `</` on."""
    found = 0
    while found < N:
        lines = markup.write(random).split("\n")
        closings = [number for number, line in enumerate(lines) if _sort(line) == which]
        if closings:
            number = random.choice(closings)
            before, _, name = lines[number].rpartition("</")
            yield "\n".join([*lines[:number], f"{before}</"]), name
            found += 1


def _sort(line: str) -> Sort | None:
    """What a line closes: a leaf or a parent with a common name, or an element with a long invented one; the root is too easy."""
    before, _, name = line.rpartition("</")
    name = name.removesuffix(">")
    if not before.startswith(markup.INDENT):
        return None
    if name not in TAGS:
        return "invented" if len(name) == _LONG_NAME else None
    return "leaf" if before.strip() else "parent"


_LONG_NAME = 6
"""Letters of an invented name of three syllables: there are 32,768, so most were never met."""


def unfinished_markup(random: Random, n: int = 100) -> list[str]:
    """The first two to five lines of new documents."""
    found: list[str] = []
    while len(found) < n:
        lines, given = markup.write(random).split("\n"), random.randint(2, 5)
        if len(lines) > given:
            found.append("\n".join(lines[:given]))
    return found


def word_checks(random: Random) -> Iterable[Check]:
    """A new series of 4 to 32 words, then its beginning again, up to a word that the first time tells."""
    for _ in range(N):
        series = random.sample(repeats.WORDS, random.randint(4, 32))
        again = random.randint(2, len(series) - 1)
        yield " " + " ".join([*series, *series[:again]]), f" {series[again]}"


def id_checks(random: Random, vocabulary: int) -> Iterable[tuple[list[int], int]]:
    """The same with random ids of the vocabulary: ids of the prompt, and the id that follows."""
    for _ in range(N):
        series = random.sample(range(1, vocabulary), random.randint(4, 32))
        again = random.randint(2, len(series) - 1)
        yield [*series, *series[:again]], series[again]


def pronoun_choices() -> Iterable[Choice]:
    """Every person who goes to a place in no training sentence of this form; the pronoun is next."""
    for name in sentences.PEOPLE:
        right, wrong = (" She", " He") if name in WOMEN else (" He", " She")
        for place in PLACES_TO_GO:
            if sentences.held_out_walk(name, place):
                yield f"{name} went to the {place}.", right, wrong


def profession_prompts() -> dict[str, list[str]]:
    """For each profession the held-out prompts after which a pronoun stands."""
    return {
        profession: [professions.prompt(profession, verb) for verb in professions.VERBS if professions.held_out(profession, verb)]
        for profession in professions.SHARE_OF_HE
    }


DIALOGUE = (
    "Do you like the green apples?",
    "Where is the old map?",
    "What colour is the boat?",
    "Who painted the small bridge?",
)
"""Questions of the kinds that the training text has; a person reads the answers."""
