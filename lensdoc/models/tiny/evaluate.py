"""What `lensdoc/tiny` can do: `python -m lensdoc.models.tiny.evaluate` continues prompts greedily and prints a table."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import click

from lensdoc.models.language_model import LanguageModel
from lensdoc.models.loading import load_model
from lensdoc.models.tiny.corpus.lists import EU_HEADER, numbered
from lensdoc.models.tiny.corpus.words import EU_COUNTRIES

COUNTING_PROMPT = " 1, 2, 3"
COUNTING_TOKENS = 30
EU_STARTS = range(1, 26, 3)
"""Numbers of countries that a prompt gives before the model completes the list: nine prompts."""


@dataclass(frozen=True)
class Check:
    """One prompt with the continuation that is expected."""

    behaviour: str
    prompt: str
    expected: str


def checks() -> list[Check]:
    """The counting prompt, and the list of EU countries from nine starts."""
    counting = Check("counting", COUNTING_PROMPT, "".join(f", {n}" for n in range(4, 4 + COUNTING_TOKENS // 2)))
    full = EU_HEADER + numbered(EU_COUNTRIES)
    eu = [(given, len(EU_HEADER + numbered(EU_COUNTRIES[:given]))) for given in EU_STARTS]
    return [counting, *(Check(f"EU list after {given}", full[:cut], full[cut:]) for given, cut in eu)]


def continuation(lm: LanguageModel, check: Check) -> str:
    """What the model says, in as many tokens as the expected text has."""
    length = len(lm.tokenizer(check.expected)["input_ids"])
    trace = lm.generate(check.prompt, max_new_tokens=length)
    return "".join(token.text for token in trace.tokens[trace.n_input :])


@click.command()
@click.option("--model", default="lensdoc/tiny", show_default=True, help="A bundled model, a folder or a hub id.")
def main(model: str) -> None:
    """Print for every prompt whether the model continues it exactly."""
    lm = load_model(model)
    failed = 0
    for check in checks():
        said = continuation(lm, check)
        failed += said != check.expected
        click.echo(f"{'exact' if said == check.expected else 'WRONG'}  {check.behaviour}")
        if said != check.expected or check.behaviour == "counting":
            click.echo(f"       {check.prompt!r} -> {said!r}")
    click.echo(f"{len(checks()) - failed} of {len(checks())} continued exactly")
    sys.exit(min(failed, 1))


if __name__ == "__main__":
    main()
