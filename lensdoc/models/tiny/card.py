"""The tables of the model card, in Markdown, and putting them where the page has their marks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import click

from lensdoc.core.model_files import local_folder
from lensdoc.models.language_model import LanguageModel
from lensdoc.models.tiny.behaviours import Behaviour, Measured, pronoun_odds
from lensdoc.models.tiny.corpus import MIXTURE
from lensdoc.models.tiny.corpus.professions import SHARE_OF_HE
from lensdoc.models.tiny.decoding import continuations, read_ids, token_ids
from lensdoc.models.tiny.lens import median_ranks
from lensdoc.models.tiny.prompts import DIALOGUE
from lensdoc.models.tiny.train import TRAINING

PARTS = ("text", "training", "behaviours", "answers", "skew", "lens")
"""What the card has between marks, `<!-- NAME: begin -->` and `<!-- NAME: end -->`."""


BEHAVIOURS_HEAD = "| behaviour | measured as | prompts | figure | to reach | reached |\n|---|---|--:|--:|--:|---|"


def behaviour_row(behaviour: Behaviour, measured: Measured) -> str:
    """One row of the table of behaviours."""
    reached = "yes" if behaviour.holds(measured) else "**no**"
    bound = f"{behaviour.bound} {behaviour.limit:.2f}"
    return f"| {behaviour.name} | {behaviour.how} | {measured.n} | {measured.figure:.3f} | {bound} | {reached} |"


def short_parts(lm: LanguageModel) -> dict[str, str]:
    """What the command prints below the table: answers, skew, lens."""
    return {"answers": _answers(lm), "skew": _skew(lm), "lens": _lens(lm)}


def background(source: str) -> dict[str, str]:
    """What only the card has: the training text, and how the checkpoint was trained that `load_model` finds by this name."""
    return {"text": _text(), "training": _training(local_folder(source) or Path(source))}


def _table(heads: str, rows: Iterable[str]) -> str:
    """A table; a head that ends with a colon has its column aligned to the right."""
    names = [head.strip() for head in heads.split("|")]
    rule = "|".join("--:" if name.endswith(":") else "---" for name in names)
    return "\n".join([f"| {' | '.join(name.removesuffix(':') for name in names)} |", f"|{rule}|", *rows])


def _text() -> str:
    kinds = {write.__module__.rpartition(".")[2]: (write.__doc__ or "", share) for write, share in MIXTURE.items()}
    return _table(
        "kind | share of the text, in tokens: | one document",
        (f"| {kind} | {share:.0%} | {doc} |" for kind, (doc, share) in kinds.items()),
    )


def _training(folder: Path) -> str:
    said = json.loads((folder / TRAINING).read_text(encoding="utf-8"))
    return _table(" | ".join(f"{key}:" for key in said), ["| " + " | ".join(_cell(value) for value in said.values()) + " |"])


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _answers(lm: LanguageModel) -> str:
    """What the model answers to a few questions, greedily, up to the first full stop."""
    prompts = [token_ids(lm, question) for question in DIALOGUE]
    said = [read_ids(lm, ids).strip().partition(".") for ids in continuations(lm, prompts, [16] * len(prompts))]
    return "\n".join(f"- {question} *{answer}{stop or ' …'}*" for question, (answer, stop, _) in zip(DIALOGUE, said, strict=True))


def _skew(lm: LanguageModel) -> str:
    """Odds of `he` against `she` in the training text and in the model."""
    odds = pronoun_odds(lm)
    rows = (f"| {name} | {share:.2f} | {share / (1 - share):.2f} | {odds[name]:.2f} |" for name, share in SHARE_OF_HE.items())
    return _table("profession | share of `he` in the text: | odds in the text: | odds in the model:", rows)


def _lens(lm: LanguageModel) -> str:
    """Median rank of the produced token after the embedding and after every layer."""
    found = median_ranks(lm)
    n_layers = len(next(iter(found.values()))) - 1
    heads = " | ".join(["text", "embedding:", *(f"layer {layer}:" for layer in range(n_layers))])
    return _table(heads, (f"| {name} | {' | '.join(f'{rank:g}' for rank in ranks)} |" for name, ranks in found.items()))


def check_marks(page: str) -> None:
    """See that the page has the marks of every part.

    Raises:
        click.ClickException: One is missing.
    """
    for name in PARTS:
        part(page, name)


def part(page: str, name: str) -> str:
    """What the page has between the marks of a part."""
    return _split(page, name)[1]


def with_parts(page: str, parts: dict[str, str]) -> str:
    """The page with each part between its marks."""
    for name, text in parts.items():
        before, _, after = _split(page, name)
        page = f"{before}\n\n{text}\n\n{after}"
    return page


def _split(page: str, name: str) -> tuple[str, str, str]:
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, found, rest = page.partition(begin)
    inner, found_end, after = rest.partition(end)
    if not (found and found_end):
        raise click.ClickException(f"the page has no {begin} ... {end}, between which the command writes its {name}")
    return before + begin, inner, end + after
