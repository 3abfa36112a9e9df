"""The text that `lensdoc/tiny` is trained on: all of it written by the seeded generators of this package.

A generator is a function `Random -> str` that writes one document. `MIXTURE` says how many of the tokens each kind gets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from lensdoc.models.tiny.corpus.counting import counting
from lensdoc.models.tiny.corpus.facts import facts
from lensdoc.models.tiny.corpus.lists import lists
from lensdoc.models.tiny.corpus.markup import markup
from lensdoc.models.tiny.corpus.prose import prose
from lensdoc.models.tiny.corpus.repeats import repeats

Generator = Callable[[Random], str]

MIXTURE: dict[Generator, float] = {
    counting: 0.22,
    lists: 0.20,
    prose: 0.20,
    markup: 0.18,
    facts: 0.12,
    repeats: 0.08,
}
"""Share of the training tokens that each kind of document gets."""


def documents(random: Random, generator: Generator) -> Iterator[str]:
    """Documents of one kind, without end."""
    while True:
        yield generator(random)
