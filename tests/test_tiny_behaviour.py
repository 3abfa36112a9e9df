"""What the bundled model can do: the table of the model card, measured again on the shipped weights."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
import torch
from click.testing import CliRunner
from transformers import GPTNeoXForCausalLM

from lensdoc.core.errors import ModelError
from lensdoc.models.language_model import LanguageModel
from lensdoc.models.tiny import behaviours, card, evaluate, prompts
from lensdoc.models.tiny.behaviours import BEHAVIOURS, Behaviour, Measured, exact, per_token, preferred
from lensdoc.models.tiny.corpus import counting, professions, sentences
from lensdoc.models.tiny.corpus.words import NOUNS, TAGS, WOMEN
from lensdoc.models.tiny.decoding import continuations, ids_after, next_logits, token_ids

CARD = Path(__file__).parents[1] / "docs" / "model-card.md"
CHEAP = [behaviour for behaviour in BEHAVIOURS if not behaviour.long]
LONG = [behaviour for behaviour in BEHAVIOURS if behaviour.long]


def name(behaviour):
    return f"{behaviour.name}, {behaviour.how}".replace("`", "")


def assert_alike(one, other):
    """The same words, and the same numbers but for what another processor may round otherwise."""
    number = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
    assert number.sub("#", one) == number.sub("#", other)
    values = ([float(found.replace(",", "")) for found in number.findall(text)] for text in (one, other))
    assert next(values) == pytest.approx(next(values), rel=0.05, abs=1)


def check_row(lm, behaviour):
    """The card has this row, word for word but for a prompt or two that another processor rounds the other way."""
    measured = evaluate.measure(lm, behaviour)
    begin = card.behaviour_row(behaviour, measured).split("|")[:3]
    rows = [line.split("|") for line in CARD.read_text().splitlines() if line.startswith("|".join(begin) + "|")]
    assert len(rows) == 1, f"docs/model-card.md has no row {'|'.join(begin)}"
    _, _, _, n, figure, bound, reached, _ = (cell.strip() for cell in rows[0])
    assert float(figure) == pytest.approx(measured.figure, abs=0.02)
    assert (int(n), bound) == (measured.n, f"{behaviour.bound} {behaviour.limit:.2f}")
    assert reached == ("yes" if behaviour.holds(Measured(float(figure), int(n))) else "**no**")


@pytest.mark.sample(behaviour=CHEAP[::3])
@pytest.mark.parametrize("behaviour", CHEAP, ids=name)
def test_the_card_says_what_the_model_does(tiny, behaviour):
    check_row(tiny, behaviour)


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("behaviour", LONG, ids=name)
def test_the_card_says_what_the_model_does_in_long_texts(tiny, behaviour):
    check_row(tiny, behaviour)


def test_the_card_has_nothing_that_is_not_measured():
    table = card.part(CARD.read_text(), "behaviours")
    assert len([line for line in table.splitlines() if line.startswith("| ")]) == 1 + len(BEHAVIOURS)
    assert f"prompts drawn from seed {evaluate.SEED}." in table


def test_the_other_tables_of_the_card_are_what_the_command_writes(tiny):
    page = CARD.read_text()
    made = card.short_parts(tiny) | card.background("lensdoc/tiny")
    assert {"behaviours", *made} == set(card.PARTS)
    for part, text in made.items():
        assert_alike(card.part(page, part).strip(), text)


@pytest.fixture(scope="module")
def untrained(tiny):
    torch.manual_seed(0)
    return LanguageModel(GPTNeoXForCausalLM(tiny.model.config).eval(), tiny.tokenizer, id="untrained", revision="none")


AGREEMENT = [behaviour for behaviour in CHEAP if behaviour.name.startswith("agreement")]


CONTROLS = [behaviour for behaviour in CHEAP if behaviour not in AGREEMENT]


@pytest.mark.parametrize(
    "behaviour", [pytest.param(b, id=name(b), marks=[pytest.mark.long] if n % 3 else []) for n, b in enumerate(CONTROLS)]
)
def test_an_untrained_model_reaches_no_row(untrained, behaviour):
    assert not behaviour.holds(evaluate.measure(untrained, behaviour))


@pytest.mark.parametrize("attractors", ["one", "two"])
def test_a_model_that_always_prefers_one_verb_fails_one_number(untrained, attractors):
    rows = [behaviour for behaviour in AGREEMENT if attractors in behaviour.name]
    assert len(rows) == 2
    assert not all(behaviour.holds(evaluate.measure(untrained, behaviour)) for behaviour in rows)


def test_wrong_expectations_are_seen(tiny):
    prompt, right = prompts.counting_check()
    assert exact(tiny, [(prompt, right)]) == Measured(1.0, 1)
    assert exact(tiny, [(prompt, right.replace("7", "8", 1)), (prompt, right)]) == Measured(0.5, 2)
    assert per_token(tiny, [(prompt, right.replace(" 7", " 8", 1))]).figure == pytest.approx(29 / 30)
    assert preferred(tiny, [("The key", " is", " are"), ("The key", " are", " is")]).figure == 0.5


def test_the_counting_prompt_is_continued_for_thirty_tokens(tiny):
    prompt, right = prompts.counting_check()
    assert len(token_ids(tiny, prompt + right)) - len(token_ids(tiny, prompt)) == prompts.COUNTING_TOKENS == 30


@pytest.mark.parametrize("unseen", [False, True])
def test_every_held_out_count_has_thirty_tokens_and_begins_where_no_document_does(tiny, unseen):
    checks = list(prompts.counting_checks(Random(5), unseen=unseen))
    assert len({prompt for prompt, _ in checks}) == prompts.N
    for prompt, right in checks:
        assert len(ids_after(tiny, prompt, right)) == prompts.COUNTING_TOKENS
        first, separator, second = re.match(r" (\d+)(\D+)(\d+)", prompt).groups()
        count = int(first), int(second) - int(first), separator
        assert counting.held_out(*count)
        assert (count[1:] in counting.UNSEEN_PAIRS) == unseen


@pytest.mark.parametrize("plural", [False, True])
@pytest.mark.parametrize("attractors", [1, 2])
def test_attractors_have_the_other_number_and_are_held_out(attractors, plural):
    singular = {form: (noun, form == plural_form) for noun, plural_form in NOUNS.items() for form in (noun, plural_form)}
    for prompt, right, _ in prompts.agreement_choices(Random(5), attractors, plural=plural):
        (subject, number), *others = (singular[word] for word in prompt.split() if word in singular)
        assert (number, right) == (plural, " are" if plural else " is")
        assert len(others) == attractors
        for attractor, other_number in others:
            assert other_number != plural
            assert sentences.held_out_nouns(subject, attractor)


def test_pronouns_follow_walks_that_are_held_out():
    choices = list(prompts.pronoun_choices())
    assert len(choices) == 32
    for prompt, right, _ in choices:
        name, place = re.fullmatch(r"(\w+) went to the (\w+)\.", prompt).groups()
        assert sentences.held_out_walk(name, place)
        assert right == (" She" if name in WOMEN else " He")


def test_profession_prompts_are_held_out():
    found = [(profession, prompt) for profession, given in prompts.profession_prompts().items() for prompt in given]
    assert len(found) == 12
    for profession, prompt in found:
        assert professions.held_out(profession, prompt.split()[2])


def test_closing_tags_are_of_the_sort_they_are_said_to_be():
    for which in ("leaf", "parent", "invented"):
        for prompt, right in prompts.closing_checks(Random(5), which):
            line, name = prompt.split("\n")[-1], right.removesuffix(">")
            assert line.startswith("    ")
            assert f"<{name}>" in prompt
            assert (name in TAGS) == (which != "invented")
            if which != "invented":
                assert bool(line.removesuffix("</").strip()) == (which == "leaf")


def test_a_prompt_that_ends_inside_a_token_is_refused(tiny):
    with pytest.raises(ModelError, match="has a token across the end of the prompt"):
        exact(tiny, [("The key", "s are")])
    with pytest.raises(ModelError, match="must be one token"):
        preferred(tiny, [("The key", " is nearby", " are")])


def test_a_document_that_never_ends_is_not_well_formed(tiny, monkeypatch):
    monkeypatch.setattr(prompts, "unfinished_markup", lambda _: ["<note>\n    <to>Anna</to>"] * 2)
    full = behaviours.well_formed(tiny, Random(1))
    monkeypatch.setattr(behaviours, "continuations", lambda lm, ids, _: [token_ids(lm, "\n</note>")] * len(ids))
    assert behaviours.well_formed(tiny, Random(1)).figure == 0
    assert full.figure == 1


def test_decoding_in_batches_says_what_decoding_one_by_one_says(tiny):
    given = [token_ids(tiny, text) for text in (" 1, 2, 3", " 7, 8, 9", "The keys to the cabinet", " 5, 10, 15, 20")]
    alone = [tiny.generate(tiny.tokenizer.decode(ids), max_new_tokens=12) for ids in given]
    assert continuations(tiny, given, [12] * 4) == [trace.ids[trace.n_input :].tolist() for trace in alone]
    assert [ids[:5] for ids in continuations(tiny, given, [12] * 4)] == continuations(tiny, given, [5] * 4)
    assert next_logits(tiny, given).argmax(-1).tolist() == [ids[0] for ids in continuations(tiny, given, [1] * 4)]


def test_the_command_says_which_rows_are_not_reached(monkeypatch, tmp_path):
    short = Behaviour("counting", "exact", 1, lambda lm, _: exact(lm, [prompts.counting_check()]))
    wrong = Behaviour("counting wrong", "exact", 0.9, lambda lm, _: exact(lm, [(" 1, 2, 3", ", 5")]))
    monkeypatch.setattr(evaluate, "BEHAVIOURS", (short, wrong))
    page = tmp_path / "card.md"
    page.write_text(CARD.read_text())
    done = CliRunner().invoke(evaluate.main, ["--card", str(page)])
    assert done.exit_code == 1
    assert "| counting wrong | exact | 1 | 0.000 | at least 0.90 | **no** |" in done.output
    assert f"1 of 2 rows reached; prompts drawn from seed {evaluate.SEED}" in done.output
    assert "| counting | exact | 1 | 1.000 | at least 1.00 | yes |" in page.read_text()


def test_a_card_without_its_marks_is_named_before_anything_is_measured(tmp_path):
    page = tmp_path / "card.md"
    page.write_text("# A page\n")
    done = CliRunner().invoke(evaluate.main, ["--card", str(page)])
    assert done.exit_code == 1
    assert "has no <!-- text: begin --> ... <!-- text: end -->" in done.output
    assert "|" not in done.output
    assert page.read_text() == "# A page\n"
