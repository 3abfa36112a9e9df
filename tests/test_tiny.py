"""The bundled model: what it can do, and what it is made from."""

from __future__ import annotations

from itertools import islice
from random import Random

import pytest
from click.testing import CliRunner

from lensdoc.models.tiny import evaluate
from lensdoc.models.tiny.corpus import MIXTURE, documents
from lensdoc.records.model_files import BUNDLED


@pytest.mark.parametrize("check", evaluate.checks(), ids=lambda c: c.behaviour)
def test_it_counts_and_completes_the_list_of_eu_countries(tiny, check):
    assert evaluate.continuation(tiny, check) == check.expected


def test_the_checks_can_fail(tiny):
    wrong = evaluate.Check("counting", " 1, 2, 3", ", 4, 6")
    assert evaluate.continuation(tiny, wrong) != wrong.expected


def test_the_counting_check_is_thirty_tokens_long(tiny):
    assert len(tiny.tokenizer(evaluate.checks()[0].expected)["input_ids"]) == evaluate.COUNTING_TOKENS == 30


def test_the_command_prints_what_it_found():
    done = CliRunner().invoke(evaluate.main, [])
    assert done.exit_code == 0
    assert "exact  counting" in done.output
    assert done.output.endswith("10 of 10 continued exactly\n")


def test_it_is_small_and_has_no_pickle():
    files = [path for path in BUNDLED["lensdoc/tiny"].iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 6_000_000
    assert {path.suffix for path in files} == {".json", ".safetensors"}


def test_its_text_is_the_same_for_the_same_seed_and_another_for_another():
    def text(seed):
        random = Random(seed)
        return [list(islice(documents(random, kind), 20)) for kind in MIXTURE]

    assert text(1) == text(1)
    assert text(1) != text(2)


def test_the_mixture_is_whole():
    assert sum(MIXTURE.values()) == pytest.approx(1)


@pytest.mark.parametrize("number", range(200))
def test_numbers_are_single_tokens(tiny, number):
    assert len(tiny.tokenizer(f" {number}")["input_ids"]) == 1
    assert len(tiny.tokenizer(f"{number}")["input_ids"]) == 1


def test_training_runs_and_saves_a_model_that_loads(tmp_path):
    import lensdoc
    from lensdoc.models.tiny import train

    done = CliRunner().invoke(train.main, ["--steps", "2", "--threads", "1", "--out", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert lensdoc.load_model(str(tmp_path)).generate(" 1", max_new_tokens=2).n_input == 1
