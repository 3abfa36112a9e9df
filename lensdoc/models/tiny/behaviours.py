"""What counts as right: the behaviours that `lensdoc/tiny` is measured on, and the figure that each should reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Literal
from xml.etree import ElementTree as ET

from lensdoc.models.language_model import LanguageModel
from lensdoc.models.tiny import prompts
from lensdoc.models.tiny.corpus.professions import SHARE_OF_HE
from lensdoc.models.tiny.decoding import continuations, ids_after, next_logits, read_ids, single_id, token_ids


@dataclass(frozen=True)
class Measured:
    """A figure, and the number of prompts that it comes from."""

    figure: float
    n: int


@dataclass(frozen=True)
class Behaviour:
    """One row of the table: what is measured, how, and the figure to reach."""

    name: str
    how: str
    limit: float
    measure: Callable[[LanguageModel, Random], Measured]
    bound: Literal["at least", "at most"] = "at least"
    long: bool = False
    """Whether it decodes long texts, which takes more than a few seconds."""

    def holds(self, measured: Measured) -> bool:
        """Whether the figure reaches its limit."""
        return measured.figure >= self.limit if self.bound == "at least" else measured.figure <= self.limit


def exact(lm: LanguageModel, checks: Iterable[prompts.Check]) -> Measured:
    """Share of prompts that are continued as expected, token by token."""
    pairs = _said_and_expected(lm, list(checks))
    return Measured(sum(said == expected for said, expected in pairs) / len(pairs), len(pairs))


def per_token(lm: LanguageModel, checks: Iterable[prompts.Check]) -> Measured:
    """Share of the expected tokens that stand where they are expected, in free-running decoding."""
    pairs = _said_and_expected(lm, list(checks))
    hits = sum(a == b for said, expected in pairs for a, b in zip(said, expected, strict=False))
    return Measured(hits / sum(len(expected) for _, expected in pairs), len(pairs))


def _said_and_expected(lm: LanguageModel, checks: list[prompts.Check]) -> list[tuple[list[int], list[int]]]:
    given = [token_ids(lm, prompt) for prompt, _ in checks]
    expected = [ids_after(lm, prompt, right) for prompt, right in checks]
    return list(zip(continuations(lm, given, [len(ids) for ids in expected]), expected, strict=True))


def preferred(lm: LanguageModel, choices: Iterable[prompts.Choice]) -> Measured:
    """Share of prompts after which the right token has a higher logit than the wrong one."""
    rows = [(token_ids(lm, prompt), single_id(lm, right), single_id(lm, wrong)) for prompt, right, wrong in choices]
    logits = next_logits(lm, [ids for ids, _, _ in rows])
    hits = [bool(row[right] > row[wrong]) for row, (_, right, wrong) in zip(logits, rows, strict=True)]
    return Measured(sum(hits) / len(hits), len(hits))


def copied_ids(lm: LanguageModel, random: Random) -> Measured:
    """Share of repeated random series in which the next id is found."""
    ids, right = zip(*prompts.id_checks(random, lm.model.config.vocab_size), strict=True)
    hits = next_logits(lm, ids).argmax(-1).tolist()
    return Measured(sum(a == b for a, b in zip(hits, right, strict=True)) / len(right), len(right))


def well_formed(lm: LanguageModel, random: Random) -> Measured:
    """Share of documents that the model finishes, as well-formed XML and then the end of the text, within its context."""
    begun = prompts.unfinished_markup(random)
    ids = [token_ids(lm, prompt) for prompt in begun]
    ends = continuations(lm, ids, [lm.model.config.max_position_embeddings - len(prompt) for prompt in ids])
    ended = [end[-1] == lm.tokenizer.eos_token_id for end in ends]
    hits = [done and _parses(prompt + read_ids(lm, end)) for done, prompt, end in zip(ended, begun, ends, strict=True)]
    return Measured(sum(hits) / len(hits), len(hits))


def _parses(text: str) -> bool:
    try:
        ET.fromstring(text)  # noqa: S314 - the text is our own model's
    except ET.ParseError:
        return False
    return True


def pronoun_odds(lm: LanguageModel) -> dict[str, float]:
    """P(he) / P(she) for each profession, the geometric mean over its held-out prompts."""
    he, she = (single_id(lm, word) for word in (" he", " she"))
    odds = {}
    for profession, given in prompts.profession_prompts().items():
        logits = next_logits(lm, [token_ids(lm, prompt) for prompt in given])
        odds[profession] = float((logits[:, he] - logits[:, she]).mean().exp())
    return odds


def skew_error(lm: LanguageModel) -> Measured:
    """The largest factor, over professions, between the odds that the model gives and those of its training text."""
    odds = pronoun_odds(lm)
    factors = [odds[profession] * (1 - share) / share for profession, share in SHARE_OF_HE.items()]
    n = sum(map(len, prompts.profession_prompts().values()))
    return Measured(max(max(factor, 1 / factor) for factor in factors), n)


def _agreement(lm: LanguageModel, random: Random, *, attractors: int, plural: bool) -> Measured:
    return preferred(lm, prompts.agreement_choices(random, attractors, plural=plural))


def _per_token(lm: LanguageModel, random: Random, *, unseen: bool) -> Measured:
    return per_token(lm, prompts.counting_checks(random, unseen=unseen))


def _exact(lm: LanguageModel, random: Random, *, unseen: bool) -> Measured:
    return exact(lm, prompts.counting_checks(random, unseen=unseen))


def _closing(lm: LanguageModel, random: Random, *, which: prompts.Sort) -> Measured:
    return exact(lm, prompts.closing_checks(random, which))


BEHAVIOURS = (
    Behaviour("`1, 2, 3` continued", "30 tokens exact", 1, lambda lm, _: exact(lm, [prompts.counting_check()])),
    Behaviour(
        "list of EU countries, from nine starts", "rest exact, and the end", 1, lambda lm, _: exact(lm, prompts.eu_checks())
    ),
    Behaviour("`1, 1, 1` repeated", "20 tokens exact", 1, lambda lm, _: exact(lm, [prompts.repeating_check()])),
    Behaviour("counting from new starts", "30 tokens, per token", 0.95, partial(_per_token, unseen=False), long=True),
    Behaviour("counting from new starts", "30 tokens exact", 0.75, partial(_exact, unseen=False), long=True),
    Behaviour(
        "counting, new pairs of step and separator", "30 tokens, per token", 0.95, partial(_per_token, unseen=True), long=True
    ),
    Behaviour("counting, new pairs of step and separator", "30 tokens exact", 0.75, partial(_exact, unseen=True), long=True),
    Behaviour("next number of a shuffled list", "exact", 0.95, lambda lm, r: exact(lm, prompts.list_checks(r))),
    Behaviour("agreement, singular, one attractor", "`is` over `are`", 0.95, partial(_agreement, attractors=1, plural=False)),
    Behaviour("agreement, plural, one attractor", "`are` over `is`", 0.95, partial(_agreement, attractors=1, plural=True)),
    Behaviour("agreement, singular, two attractors", "`is` over `are`", 0.90, partial(_agreement, attractors=2, plural=False)),
    Behaviour("agreement, plural, two attractors", "`are` over `is`", 0.90, partial(_agreement, attractors=2, plural=True)),
    Behaviour("capitals, held-out wordings", "exact", 0.95, lambda lm, _: exact(lm, prompts.capital_checks())),
    Behaviour("birth years, held-out wordings", "exact", 0.95, lambda lm, _: exact(lm, prompts.birth_checks())),
    Behaviour("closing tag of a leaf", "exact", 0.95, partial(_closing, which="leaf")),
    Behaviour("closing tag of an inner parent", "exact", 0.85, partial(_closing, which="parent")),
    Behaviour("closing tag with an invented name", "exact", 0.80, partial(_closing, which="invented")),
    Behaviour("XML finished from its first lines", "well-formed, and the end", 0.70, well_formed, long=True),
    Behaviour("repeated words", "next word exact", 0.80, lambda lm, r: exact(lm, prompts.word_checks(r))),
    Behaviour("repeated random ids", "next id", 0.90, copied_ids),
    Behaviour("pronoun of its antecedent", "`She` against `He`", 0.95, lambda lm, _: preferred(lm, prompts.pronoun_choices())),
    Behaviour(
        "skew of pronouns by profession", "largest factor off the text's odds", 1.5, lambda lm, _: skew_error(lm), bound="at most"
    ),
)
"""The table, a row each."""
