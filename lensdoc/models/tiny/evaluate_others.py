"""What `lensdoc/tiny-masked` and `lensdoc/tiny-seq2seq` can do: `python -m lensdoc.models.tiny.evaluate_others` says it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

import click

from lensdoc.models.language_model import LanguageModel
from lensdoc.models.loading import load_model
from lensdoc.models.tiny import card
from lensdoc.models.tiny.behaviours import Measured
from lensdoc.models.tiny.corpus.facts import UNSEEN_CAPITAL_WORDINGS
from lensdoc.models.tiny.corpus.pairs import Pair, capital, count, plural, reverse
from lensdoc.models.tiny.corpus.sentences import held_out_nouns
from lensdoc.models.tiny.corpus.words import ADJECTIVES, CAPITALS, NOUNS, PREPOSITIONS
from lensdoc.models.tiny.evaluate import SEED

N = 50
"""Prompts of a row, where they are drawn."""
HEAD = "| model | behaviour | measured as | prompts | figure |\n|---|---|---|--:|--:|"
MASKED, PAIRED = "lensdoc/tiny-masked", "lensdoc/tiny-seq2seq"
Choices = Iterable[tuple[str, str]]
Measure = Callable[[LanguageModel, Random], Measured]


def filled(lm: LanguageModel, texts: Choices) -> Measured:
    """Share of masks that are filled with the right token."""
    found = [(lm.fill(text), right) for text, right in texts]
    hits = [trace.tokens[trace.targets[0]].text == right for trace, right in found]
    return Measured(sum(hits) / len(hits), len(hits))


def written(lm: LanguageModel, pairs: Iterable[Pair]) -> Measured:
    """Share of sources whose target is written token by token, the end included."""
    hits = []
    for source, target in pairs:
        right = lm.score(source, target)
        made = lm.generate(source, max_new_tokens=len(right.targets))
        hits.append(made.ids.tolist() == right.ids.tolist())
    return Measured(sum(hits) / len(hits), len(hits))


def _capitals(_: Random) -> Choices:
    wordings = [f"{wording.format(country=country)}<mask>." for wording in UNSEEN_CAPITAL_WORDINGS for country in CAPITALS]
    return zip(wordings, [f" {name}" for _ in UNSEEN_CAPITAL_WORDINGS for name in CAPITALS.values()], strict=True)


def _countries(_: Random) -> Choices:
    return [(f"{capital} is the capital of<mask>.", f" {country}") for country, capital in CAPITALS.items()]


def _agreement(random: Random) -> Choices:
    for number in range(N):
        noun = random.choice(list(NOUNS))
        between = random.choice([other for other in NOUNS if other != noun and held_out_nouns(noun, other)])
        more = number % 2 == 1
        said, other = (NOUNS[noun], between) if more else (noun, NOUNS[between])
        text = f"The {said} {random.choice(PREPOSITIONS)} the {other}<mask> {random.choice(ADJECTIVES)}."
        yield text, "plural" if more else "singular"


def agreeing(lm: LanguageModel, texts: Choices) -> Measured:
    """Share of masked verbs that are filled with one of the subject's number."""
    verbs = {"singular": {" is", " was"}, "plural": {" are", " were"}}
    found = [(lm.fill(text), right) for text, right in texts]
    hits = [trace.tokens[trace.targets[0]].text in verbs[right] for trace, right in found]
    return Measured(sum(hits) / len(hits), len(hits))


def _counts(random: Random) -> Choices:
    for _ in range(N):
        start = random.randint(1, 190)
        yield f" {start}, {start + 1}, {start + 2},<mask>, {start + 4}, {start + 5}", f" {start + 3}"


def _filled(texts: Callable[[Random], Choices]) -> Measure:
    return lambda lm, random: filled(lm, texts(random))


def _written(task: Callable[..., Pair], **held_out: bool) -> Measure:
    return lambda lm, random: written(lm, [task(random, **held_out) for _ in range(N)])


_FILLED, _WRITTEN = "mask filled exactly", "exact, and the end"
ROWS: dict[str, list[tuple[str, str, Measure]]] = {
    MASKED: [
        ("capital of a country, held-out wordings", _FILLED, _filled(_capitals)),
        ("country of a capital", _FILLED, _filled(_countries)),
        (
            "agreement across a noun of the other number, held-out pairs",
            "verb of the right number",
            lambda lm, random: agreeing(lm, _agreement(random)),
        ),
        ("number inside a count by one", _FILLED, _filled(_counts)),
    ],
    PAIRED: [
        ("list reversed, drawn anew", _WRITTEN, _written(reverse)),
        ("sentence in the plural, held-out pairs of nouns", _WRITTEN, _written(plural, held_out=True)),
        ("count, ends as in training", _WRITTEN, _written(count)),
        ("count to a number that ended none in training", _WRITTEN, _written(count, held_out=True)),
        ("capital, held-out pairs of question and country", _WRITTEN, _written(capital, held_out=True)),
    ],
}
"""Behaviours of each model; no row is a bar to reach."""


def rows_of(lm: LanguageModel, name: str, seed: int = SEED) -> list[str]:
    """The rows of one model."""
    found = []
    for behaviour, how, measure in ROWS[name]:
        measured = measure(lm, Random(f"{seed} {behaviour}"))
        found.append(f"| `{name}` | {behaviour} | {how} | {measured.n} | {measured.figure:.3f} |")
    return found


@click.command()
@click.option(
    "--model",
    "names",
    multiple=True,
    type=click.Choice(list(ROWS)),
    help="Both unless said.",
)
@click.option("--folder", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Another checkpoint of one.")
@click.option("--card", "page", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The page to write it into.")
def main(names: tuple[str, ...], folder: Path | None, page: Path | None) -> None:
    """Measure what the masked and the encoder-decoder version of lensdoc/tiny can do, and print the table."""
    if folder and len(names) != 1:
        sys.exit("--folder is of one model; name it with --model")
    rows = [row for name in names or ROWS for row in rows_of(load_model(str(folder or name)), name)]
    table = "\n".join([HEAD, *rows])
    click.echo(table)
    if page:
        page.write_text(card.with_parts(page.read_text(encoding="utf-8"), {"others": table}), encoding="utf-8")


if __name__ == "__main__":
    main()
