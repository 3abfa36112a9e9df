"""The default recipe of factors on a real model: factors follow classes of tokens."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))

import factor_recipe as recipe
from recipe_texts import TEXTS

TOKENS = ["1", ",", " ", "2", ",", " ", "1", "0"]


def held(text, name, tokens):
    return [at for at in range(len(tokens)) if TEXTS[text].classes[name](tokens, at)]


def test_classes_are_what_their_names_say():
    assert held("counting", "digit", TOKENS) == [0, 3, 6, 7]
    assert held("counting", "tens digit", TOKENS) == [6]
    assert held("counting", "comma", TOKENS) == [1, 4]
    assert held("counting", "space", TOKENS) == [2, 5]
    tags = ["<", "book", ">", "Em", "ma", "</", "book", ">", "\n", "```", "\n", "In"]
    assert held("tags", "closing tag", tags) == [5, 6, 7]
    assert held("tags", "name of a tag", tags) == [1, 6]
    assert held("tags", "value", tags) == [3, 4]
    assert held("tags", "prose below", tags) == [11]
    code = ["def", " area", "_", "b", "(", "width", "):", "\n   ", " return"]
    assert held("code", "name of a function", code) == [1, 2, 3]
    prose = ["The", " old", " keeper", ".", " He", " could", " climb"]
    assert held("prose", "start of a sentence", prose) == [0, 4]
    assert held("prose", "noun", prose) == [2]
    assert held("prose", "he, she or they", prose) == [4]


def test_a_factors_best_class_is_the_one_that_it_is_correlated_with():
    import numpy as np

    row = np.array([9.0, 0, 0, 5, 0, 0, 5, 5])  # the first token is not looked at
    name, r = recipe.best_class(row, TOKENS, TEXTS["counting"], list(range(1, 8)))
    assert (name, r) == ("digit", pytest.approx(1))
    assert recipe.best_class(0 * row, TOKENS, TEXTS["counting"], list(range(1, 8)))[1] == 0


@pytest.mark.long
def test_factors_of_five_texts_follow_classes_of_tokens_by_default():
    if not recipe.MODEL.exists():
        pytest.skip(f"no model at {recipe.MODEL.relative_to(recipe.ROOT)}: make real-model fetches it")
    default = {"the default": {}}
    (_, records), *_ = recipe.ways(recipe.load(recipe.MODEL), default)
    found = recipe.measured(records)
    assert len(found["each"]) == 37
    assert found["mean"] >= 0.80
    assert found["texts"] >= 0.80
    assert found["largest"] < 0.3
