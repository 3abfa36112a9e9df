"""The text that `lensdoc/tiny` is trained on: all of it written by the seeded generators of this package.

Each module has a generator `write`, a function `Random -> str` that writes one document; `MIXTURE` says how many of the tokens
each kind gets. What a generator holds out (starts, pairs, wordings) its module names, and the evaluation asks for just that.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from lensdoc.models.tiny.corpus import counting, facts, lists, markup, professions, repeats, sentences, stories

Generator = Callable[[Random], str]

MIXTURE: dict[Generator, float] = {
    counting.write: 0.27,
    markup.write: 0.17,
    sentences.write: 0.14,
    facts.write: 0.13,
    lists.write: 0.10,
    stories.write: 0.10,
    repeats.write: 0.05,
    professions.write: 0.04,
}
"""Share of the training text that each kind of document gets, in tokens."""
